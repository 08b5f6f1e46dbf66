import { hash } from 'node:crypto';
import { digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import type { ActionChange, ShownAttempt } from '../runs/action-change.ts';
import type { Proof } from '../runs/run.ts';
import type { PasskeyInLog } from './passkey.ts';
import type { SignedProof } from './signed-proof.ts';

/**
 * The kinds of entries in the decision log: what became of an action, what a person said to a change that lets more happen
 * without a person (`granted` where agents may act unasked by it), that the brake was put on (`paused`) or taken off
 * (`resumed`), or that a person lifted what a contact had objected to (`consent_lifted`).
 */
export type DecisionKind =
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'returned'
  | 'retried'
  | 'settled_sent'
  | 'settled_not_sent'
  | 'revised'
  | 'loosened'
  | 'granted'
  | 'declined'
  | 'trust_ended'
  | 'paused'
  | 'resumed'
  | 'consent_lifted'
  | KeyDecision;

/** What becomes of passkeys, and whether whatever leaves the machine needs a signature. */
export type KeyDecision = 'passkey_added' | 'passkey_removed' | 'signing_on' | 'signing_off';

/** The kinds that are about a change of agents or contacts, and about no action. The log's checks don't read them off the events. */
export const OF_CHANGES: ReadonlySet<string> = new Set<DecisionKind>([
  'loosened',
  'granted',
  'declined',
  'trust_ended',
  'consent_lifted',
]);

/**
 * The part of an entry that is about a contact. It is removed when the contact is deleted. The salt keeps anybody from
 * guessing the contact from the digest that stays.
 */
export type Personal = {
  contact_id: string;
  reason?: string;
  /** Where the action went, or would have gone, as of the decision. Absent where it goes nowhere. */
  recipient?: string;
  /** What a signed digest was made of. */
  made_of?: MadeOf;
  salt: string;
};

/**
 * What an action's digest is made of, canonical JSON each: `action` is type, params, recipient, sender and more; `moved` what
 * moved since it was proposed.
 */
export type MadeOf = { action: unknown[]; moved?: unknown[][] };

/** The digest of an action that a person decided on, computed again from what it was made of. */
export function digestOfMade({ action, moved }: MadeOf): string {
  return moved ? digest([digest(action), ...moved]) : digest(action);
}

/** A decision before it has a number and a hash in the decision log. */
export type DecisionDraft = {
  at: string;
  decision: DecisionKind;
  by: string;
  /** The id of the person, whom `by` names. Absent for the home's owner, the product and a policy. */
  person?: string;
  client?: string;
  via: Proof;
  /** The agent, whom every decision but one on the brake is about. */
  agent_id?: string;
  agent_name?: string;
  /** The agent's version that proposed the action, or the one that loosened the approvals. */
  agent_version?: number;
  run_id?: string;
  action_index?: number;
  type?: string;
  /** The digest of the action as decided on: of its type, params, recipient and sender. */
  digest?: string;
  /** Whether the params decided on differ from the ones proposed. */
  edited?: boolean;
  /**
   * Binds the params decided on, the recipient and the proof (`bindingOf`). Entries about no action have none, and
   * neither have those of the first edition.
   */
  binds?: string;
  /** The attempt that a signed decision was on: its digest, by `attemptDigest`, is among those that were signed. */
  attempt?: ShownAttempt;
  /** What the person signed, and the signature, where the proof is `signed`. An erasure leaves it. */
  proof?: SignedProof;
  /** The passkey that was added or removed. */
  passkey?: PasskeyInLog;
  /** What a change of the agent lets happen, each in words for a person. */
  loosened?: string[];
  personal?: Personal;
};

/**
 * One entry of the decision log. `prev` is the hash of the entry before it. `hash` covers every field but `personal`,
 * for which it covers `personal_digest`. So `personal` can be removed, and the chain of hashes still holds.
 */
export type DecisionEntry = DecisionDraft & { seq: number; personal_digest?: string; prev: string; hash: string };

/** The number and hash of the newest entry; `{seq: 0, hash: ''}` before the first. */
export type DecisionHead = { seq: number; hash: string };

export const NO_DECISIONS: DecisionHead = { seq: 0, hash: '' };

/** SHA-256 in hex over JSON with sorted keys and no spaces, so that anybody can compute it again. */
function sha256(value: unknown): string {
  return hash('sha256', canonical(value), 'hex');
}

function hashOf({ personal: _personal, ...covered }: Omit<DecisionEntry, 'hash'>): string {
  return sha256(covered);
}

/** A draft made into the entry that follows `head`. */
export function chained(draft: DecisionDraft, head: DecisionHead): DecisionEntry {
  const placed = {
    seq: head.seq + 1,
    ...draft,
    ...(draft.personal ? { personal_digest: sha256(draft.personal) } : {}),
    prev: head.hash,
  };
  return { ...placed, hash: hashOf(placed) };
}

/** An entry without its part about a contact. */
export function redacted({ personal: _personal, ...rest }: DecisionEntry): DecisionEntry {
  return rest;
}

/** Whether an entry's part about a contact was removed. */
export function isRedacted(entry: DecisionEntry): boolean {
  return entry.personal === undefined && entry.personal_digest !== undefined;
}

/** What is wrong with an entry that follows `before` in the log; undefined where nothing is wrong. */
export function faultOf(entry: DecisionEntry, before: DecisionHead): string | undefined {
  if (entry.seq !== before.seq + 1) return `entry ${entry.seq} stands where entry ${before.seq + 1} should`;
  if (entry.prev !== before.hash) return `entry ${entry.seq} doesn't follow the one before it`;
  return alterationOf(entry);
}

/** How an entry shows that it was altered, without a look at its neighbours; undefined where it doesn't. */
export function alterationOf(entry: DecisionEntry): string | undefined {
  const { hash, ...rest } = entry;
  if (hashOf(rest) !== hash) return `entry ${entry.seq} was altered: its hash doesn't match what it says`;
  if (entry.personal && sha256(entry.personal) !== entry.personal_digest)
    return `entry ${entry.seq} was altered: what it says of the contact doesn't match its digest`;
  return undefined;
}

/** The decision that a change of an action stands for; undefined for an attempt and its outcome. */
export function decisionOf(change: ActionChange, isPerson: boolean): DecisionKind | undefined {
  const { from, to, set } = change;
  // What was decided waits for its time.
  if (from === 'approved' && to === 'approved') return undefined;
  // What was written to the outbox a person sent by hand, or didn't.
  if (from === 'executed') return to === 'executed' ? 'settled_sent' : 'settled_not_sent';
  if (from === to || to === 'pending_approval') return 'returned';
  if (to === 'cancelled' && set.revised) return 'revised';
  if (to === 'rejected' || to === 'expired' || to === 'cancelled') return to;
  if (from === 'pending_approval') return 'approved';
  if (from !== 'unknown' && from !== 'failed') return undefined;
  if (set.decided_at !== undefined) return 'retried';
  // Without a person, the product itself learned late what came of an attempt: no decision.
  if (!isPerson) return undefined;
  return to === 'executed' ? 'settled_sent' : 'settled_not_sent';
}

/** The proof of a decision that a change stands for. Time and the product itself act by the agent's policy. */
export function proofOf({ via, set }: ActionChange, decision: DecisionKind): Proof {
  const isReplaced = decision === 'cancelled' && set.superseded_by !== undefined;
  if (decision === 'expired' || decision === 'returned' || isReplaced) return 'policy';
  return via ?? set.decided_via ?? 'client';
}

/** How many entries one document holds. */
const CHUNK = 1_000;

/** The name of the document that holds an entry: the number of that document's first entry, in 12 digits. */
export function chunkOf(seq: number): string {
  return String(seq - ((seq - 1) % CHUNK)).padStart(12, '0');
}

/** The number of the first entry of the document after the one that begins with entry `first`. */
export function nextChunk(first: number): number {
  return first + CHUNK;
}

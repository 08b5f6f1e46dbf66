import { createHash } from 'node:crypto';
import { canonical } from '../base/json.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { Proof } from '../runs/run.ts';

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
  | 'paused'
  | 'resumed'
  | 'consent_lifted';

/** The kinds that are about a change of agents or contacts, and about no action. The log's checks don't read them off the events. */
export const OF_CHANGES: ReadonlySet<string> = new Set<DecisionKind>([
  'loosened',
  'granted',
  'declined',
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
  salt: string;
};

/** A decision before it has a number and a hash in the decision log. */
export type DecisionDraft = {
  at: string;
  decision: DecisionKind;
  by: string;
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
  return createHash('sha256').update(canonical(value)).digest('hex');
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
  if (from === 'approved' && to === 'approved') return undefined;
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

const CHUNK = 1_000;

/** The name of the document that holds an entry: the number of that document's first entry, in 12 digits. */
export function chunkOf(seq: number): string {
  return String(seq - ((seq - 1) % CHUNK)).padStart(12, '0');
}

/** The number of the first entry of the document after the one that begins with entry `first`. */
export function nextChunk(first: number): number {
  return first + CHUNK;
}

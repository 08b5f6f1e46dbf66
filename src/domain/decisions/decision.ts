import { createHash } from 'node:crypto';
import { canonical } from '../base/json.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { Proof } from '../runs/run.ts';

/** What an entry of the decision log can say: what became of an action, or that an agent's approvals were loosened. */
export type DecisionKind =
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'returned'
  | 'retried'
  | 'settled_sent'
  | 'settled_not_sent'
  | 'loosened';

/** What an entry says of a contact: all of it goes when the contact is deleted. The salt keeps its digest from being guessed. */
export type Personal = { contact_id: string; reason?: string; salt: string };

/** What a decision is, before it has its place in the log. */
export type DecisionDraft = {
  at: string;
  decision: DecisionKind;
  by: string;
  client?: string;
  via: Proof;
  agent_id: string;
  agent_name: string;
  /** The version that proposed the action, or that loosened. */
  agent_version: number;
  run_id?: string;
  action_index?: number;
  type?: string;
  /** Of the action as decided: its type, params, recipient and sender. */
  digest?: string;
  /** The params decided on aren't the ones proposed. */
  edited?: boolean;
  /** The settings that a change of an agent loosened. */
  loosened?: string[];
  personal?: Personal;
};

/**
 * One entry of the decision log. `hash` covers everything but `personal`, which `personal_digest` stands for, and `prev`
 * is the hash of the entry before: what is personal can go, and the chain still holds.
 */
export type DecisionEntry = DecisionDraft & { seq: number; personal_digest?: string; prev: string; hash: string };

/** The newest entry's place and hash; `{seq: 0, hash: ''}` before the first. */
export type DecisionHead = { seq: number; hash: string };

export const NO_DECISIONS: DecisionHead = { seq: 0, hash: '' };

/** SHA-256 over JSON with sorted keys and no spaces, in hex: what anyone can compute again. */
function sha256(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function hashOf({ personal: _personal, ...covered }: Omit<DecisionEntry, 'hash'>): string {
  return sha256(covered);
}

/** A draft as the entry after `head`. */
export function chained(draft: DecisionDraft, head: DecisionHead): DecisionEntry {
  const placed = {
    seq: head.seq + 1,
    ...draft,
    ...(draft.personal ? { personal_digest: sha256(draft.personal) } : {}),
    prev: head.hash,
  };
  return { ...placed, hash: hashOf(placed) };
}

/** An entry without what it said of a contact. */
export function redacted({ personal: _personal, ...rest }: DecisionEntry): DecisionEntry {
  return rest;
}

export function isRedacted(entry: DecisionEntry): boolean {
  return entry.personal === undefined && entry.personal_digest !== undefined;
}

/** What is wrong with an entry as the one after `before`; undefined where nothing is. */
export function faultOf(entry: DecisionEntry, before: DecisionHead): string | undefined {
  if (entry.seq !== before.seq + 1) return `entry ${entry.seq} stands where entry ${before.seq + 1} should`;
  if (entry.prev !== before.hash) return `entry ${entry.seq} doesn't follow the one before it`;
  return alterationOf(entry);
}

/** What is wrong with an entry by itself. */
export function alterationOf(entry: DecisionEntry): string | undefined {
  const { hash, ...rest } = entry;
  if (hashOf(rest) !== hash) return `entry ${entry.seq} was altered: its hash is another`;
  if (entry.personal && sha256(entry.personal) !== entry.personal_digest)
    return `entry ${entry.seq} was altered: what it says of the contact has another digest`;
  return undefined;
}

/** The decision that an action's change stands for; undefined for attempts and their outcomes. */
export function decisionOf(change: ActionChange, isPerson: boolean): DecisionKind | undefined {
  const { from, to, set } = change;
  if (from === to || to === 'pending_approval') return 'returned';
  if (to === 'rejected' || to === 'expired' || to === 'cancelled') return to;
  if (from === 'pending_approval') return 'approved';
  if (from !== 'unknown' && from !== 'failed') return undefined;
  if (set.decided_at !== undefined) return 'retried';
  // The product may learn a late outcome itself; that is no decision.
  if (!isPerson) return undefined;
  return to === 'executed' ? 'settled_sent' : 'settled_not_sent';
}

const CHUNK = 1_000;

/** The document that holds an entry, named by the first it may hold. */
export function chunkOf(seq: number): string {
  return String(seq - ((seq - 1) % CHUNK)).padStart(12, '0');
}

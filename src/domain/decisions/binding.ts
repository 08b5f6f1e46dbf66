import { hash } from 'node:crypto';
import { canonical } from '../base/json.ts';
import type { Proof } from '../runs/run.ts';

/** What an entry of the decision log binds: the params decided on, where they go, and how the decision is proven. */
export type Bound = {
  /** `paramsDigest` of the params decided on. */
  params: string;
  /** An address, profile, URL or `server/tool`; absent where the action goes nowhere. */
  recipient?: string | undefined;
  decided_via: Proof;
};

function sha256(value: unknown): string {
  return hash('sha256', canonical(value), 'hex');
}

/** SHA-256 in hex over the canonical JSON of an action's params. */
export function paramsDigest(params: Record<string, unknown>): string {
  return sha256(params);
}

/**
 * The digest that binds a decision, SHA-256 in hex. The salt stands in the entry's part about the contact, so that an
 * erasure takes it: from then on nobody can guess the params from the digest.
 */
export function bindingOf(salt: string, { params, recipient, decided_via }: Bound): string {
  return sha256({ salt, params, recipient: recipient ?? null, decided_via });
}

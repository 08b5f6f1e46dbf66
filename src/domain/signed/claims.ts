import type { PasskeyBook } from '../decisions/passkey.ts';
import { keyDigest, MOST_SIGNED, type SignedProof } from '../decisions/signed-proof.ts';
import { type ActionChange, attemptDigest } from '../runs/action-change.ts';
import type { Event } from '../state/events.ts';
import { leavesNobody } from './passkey-rules.ts';

/** What the digest of a statement is where it is about the brake, or about signing itself. */
export const BRAKE_DIGEST = 'brake';
export const SIGNING_DIGEST = 'signing';

/**
 * Something that a commit says was signed. `decision` and `digest` are what the statement has to say of it; what has none
 * comes with a change that does.
 */
export type SignedClaim = { what: string; decision?: string; digest?: string | undefined; isChange?: true };

function decisionOnChange({ from, to, set }: ActionChange): string {
  if (from === 'unknown' || from === 'failed') {
    if (set.decided_at !== undefined) return 'retry';
    return to === 'executed' ? 'sent' : 'not_sent';
  }
  return to === 'rejected' || to === 'cancelled' ? 'reject' : 'approve';
}

function claimOfChange(change: ActionChange): SignedClaim[] {
  const { run_id, action_index, attempt, set } = change;
  if (change.via !== 'signed' && set.decided_via !== 'signed') return [];
  const digest = attempt ? attemptDigest(attempt) : set.digest;
  return [{ what: `action ${action_index} of run ${run_id}`, decision: decisionOnChange(change), digest }];
}

function digestOfPasskey({ keys }: PasskeyBook, id: string): string | undefined {
  const passkey = keys.get(id);
  return passkey && keyDigest(passkey.public_key);
}

/** What an event says was signed. `book` is as it was before the commit. */
function claimsOfEvent(event: Event, book: PasskeyBook): SignedClaim[] {
  if (event.type === 'actions_changed') return event.changes.flatMap(claimOfChange);
  if (!('via' in event) || event.via !== 'signed') return [];
  switch (event.type) {
    case 'change_closed': {
      const decision = event.outcome === 'approved' ? 'approve' : 'decline';
      return [{ what: `change ${event.change_id}`, decision, digest: event.binding, isChange: true }];
    }
    case 'brake_set':
      return [{ what: 'the brake', decision: event.on ? 'pause' : 'resume', digest: BRAKE_DIGEST }];
    case 'passkey_added': {
      const digest = keyDigest(event.passkey.public_key);
      return [{ what: 'a new passkey', decision: 'add_passkey', digest }];
    }
    case 'passkey_removed':
      return [
        {
          what: 'the removal of a passkey',
          decision: 'remove_passkey',
          digest: digestOfPasskey(book, event.passkey_id),
        },
      ];
    case 'signing_set':
      return [
        { what: 'the switch of signing', decision: event.on ? 'signing_on' : 'signing_off', digest: SIGNING_DIGEST },
      ];
    default:
      return [{ what: event.type }];
  }
}

/**
 * Everything that a commit says was signed. That signing goes off with the last passkey that may switch it off is signed by
 * the word on that one's removal.
 */
export function claimsIn(events: readonly Event[], book: PasskeyBook): SignedClaim[] {
  const isRemoving = events.some(
    (event) => event.type === 'passkey_removed' && event.via === 'signed' && leavesNobody(book, event.passkey_id),
  );
  const own = events.filter((event) => !(isRemoving && event.type === 'signing_set' && !event.on));
  return own.flatMap((event) => claimsOfEvent(event, book));
}

/**
 * Why a statement isn't about everything that a commit says was signed; undefined where it is. Each of its digests is for
 * one thing: two rows that say the same are two digests. It may name more than is decided, where rows changed meanwhile.
 */
export function uncovered(claims: readonly SignedClaim[], { decision, digests }: SignedProof): string | undefined {
  if (digests.length > MOST_SIGNED) return `one signature is for ${digests.length} things, more than ${MOST_SIGNED}`;
  const left = [...digests];
  for (const claim of claims) {
    if (claim.decision === undefined) continue;
    if (claim.decision !== decision) return `${claim.what} was to be decided by a signature for "${decision}"`;
    const at = claim.digest === undefined ? -1 : left.indexOf(claim.digest);
    if (at === -1) return `${claim.what} isn't what was signed`;
    left.splice(at, 1);
  }
  const alone = claims.find((claim) => claim.decision === undefined);
  return alone && !claims.some(({ isChange }) => isChange)
    ? `nothing that was signed is about ${alone.what}`
    : undefined;
}

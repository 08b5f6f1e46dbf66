import { OWNER_ID } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { UsedKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';

/** A key of a call of a tool, and the id of the person whose call it was. */
type CallKey = { owner: string; tool: string; key: string };

/** A key as it is kept: each one's own, so that nobody finds, or gets in the way of, what another person's call made. */
function ownKey({ owner, key }: Pick<CallKey, 'owner' | 'key'>): string {
  return owner === OWNER_ID ? key : `${key} of ${owner}`;
}

/** What an earlier call of the same caller with the same key made; CONFLICT where that call had other arguments. */
export function earlierUse(
  view: View,
  { owner, tool, key }: Omit<CallKey, 'key'> & { key: string | undefined },
  args: unknown,
): UsedKey | undefined {
  const used = key === undefined ? undefined : view.key(tool, ownKey({ owner, key }));
  if (used && used.digest !== digest(args)) {
    throw conflict(
      `idempotency_key "${key}" was used for ${tool} with other arguments, which made ${used.id}. Repeat those exactly, or use another key.`,
      { id: used.id },
    );
  }
  return used;
}

/** A call with an idempotency key; `id` is the agent or the run that the call made. */
type KeyUse = CallKey & { args: unknown; id: string; at: string };

/** The event that keeps a call's key, with a digest of its arguments. */
export function usedKey({ owner, tool, key, args, id, at }: KeyUse): Event {
  return { type: 'key_used', tool, key: ownKey({ owner, key }), digest: digest(args), id, at };
}

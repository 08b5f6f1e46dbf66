import { digest } from '../../domain/base/digest.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { UsedKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';

/** What an earlier call with the same key made; CONFLICT where that call had other arguments. */
export function earlierUse(view: View, tool: string, key: string | undefined, args: unknown): UsedKey | undefined {
  const used = key === undefined ? undefined : view.key(tool, key);
  if (used && used.digest !== digest(args)) {
    throw conflict(
      `idempotency_key "${key}" was used for ${tool} with other arguments, which made ${used.id}. Repeat those exactly, or use another key.`,
      { id: used.id },
    );
  }
  return used;
}

/** A call with an idempotency key; `id` is the agent or the run that the call made. */
type KeyUse = { tool: string; key: string; args: unknown; id: string; at: string };

/** The event that keeps a call's key, with a digest of its arguments. */
export function usedKey({ tool, key, args, id, at }: KeyUse): Event {
  return { type: 'key_used', tool, key, digest: digest(args), id, at };
}

import { digest } from '../../domain/base/digest.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { UsedKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';

/** What a key made before, with the same arguments; CONFLICT where the arguments differ. */
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

/** What a call with a key made: the id of an agent or a run, kept with a digest of the arguments. */
type KeyUse = { tool: string; key: string; args: unknown; id: string; at: string };

export function usedKey({ tool, key, args, id, at }: KeyUse): Event {
  return { type: 'key_used', tool, key, digest: digest(args), id, at };
}

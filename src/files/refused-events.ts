import path from 'node:path';
import { z } from 'zod';
import { makeFolder, readIfThere, replaceFile } from './durable.ts';

const MOST = 100;

/**
 * Live events that could not be taken: when, by whose token, which call (`track`, `identify`...), how many of one request, and
 * why. Nothing of the events themselves is kept.
 */
const refusedSchema = z.object({
  at: z.string(),
  token: z.string(),
  call: z.string(),
  count: z.int(),
  reason: z.string(),
});
export type RefusedEvents = z.infer<typeof refusedSchema>;

/** `HOME/refused-events.json`: the newest of them, for `countersign doctor`. */
export type RefusedFile = { all: () => RefusedEvents[]; add: (refused: readonly RefusedEvents[]) => void };

export function refusedEventsOf(home: string): RefusedFile {
  const file = path.join(home, 'refused-events.json');
  function all(): RefusedEvents[] {
    try {
      const value: unknown = JSON.parse(String(readIfThere(file) ?? '[]'));
      return z.array(refusedSchema).parse(value);
    } catch {
      // It is a help, no record: one that can't be read is begun anew.
      return [];
    }
  }
  return {
    all,
    add(refused) {
      if (refused.length === 0) return;
      makeFolder(home);
      replaceFile(file, `${JSON.stringify([...all(), ...refused].slice(-MOST), null, 1)}\n`, { isDurable: false });
    },
  };
}

import { setImmediate as turn } from 'node:timers/promises';
import { aliasedIn, asItWas, demandCommits, type PartsByName } from '../../documents/as-it-was.ts';
import type { AsItWas, PastContact } from '../../store.ts';
import { PartReading, Replaced } from './parts.ts';
import type { SegmentIndexes } from './segment-index.ts';

/** So many contacts are folded before other calls of the process get their turn. */
const AT_ONCE = 100;

/** What the log says of the contacts, and of those that their ids are aliases of. */
async function readParts(
  directory: string,
  indexes: SegmentIndexes,
  wanted: readonly PastContact[],
): Promise<PartsByName> {
  const ids = new Set(wanted.map(({ contact_id }) => contact_id));
  const until = wanted.reduce((latest, { commit }) => Math.max(latest, commit), 0);
  for (;;) {
    const reading = new PartReading(directory, indexes, until);
    try {
      const parts = await reading.partsOf(ids);
      const targets = new Set([...ids].flatMap((id) => aliasedIn(id, parts)).filter((id) => !parts.has(id)));
      if (targets.size > 0) for (const [id, own] of await reading.partsOf(targets)) parts.set(id, own);
      reading.demandInPlace();
      return parts;
    } catch (error) {
      if (!(error instanceof Replaced)) throw error;
    }
  }
}

/**
 * Contacts as they were at commits that are over, in the order in which they are wanted. `newest` is the number of the
 * newest commit.
 *
 * @throws AppError VALIDATION_ERROR for a commit that there isn't, STORE_ERROR where the log is damaged
 */
export async function contactsAsOf(
  { log, newest }: { log: string; newest: number },
  indexes: SegmentIndexes,
  wanted: readonly PastContact[],
): Promise<(AsItWas | undefined)[]> {
  demandCommits(wanted, newest);
  if (wanted.length === 0) return [];
  const parts = await readParts(log, indexes, wanted);
  const found: (AsItWas | undefined)[] = [];
  for (const one of wanted) {
    found.push(asItWas(one, parts));
    if (found.length % AT_ONCE === 0) await turn();
  }
  return found;
}

import type { ActionRef } from '../domain/runs/run.ts';

/** How long a reading stands for what its caller decides on. */
const STANDS_MS = 3_600_000;
/** The most actions whose readings are kept; beyond them the oldest are forgotten, and have to be read again. */
const MOST_ACTIONS = 20_000;

/**
 * Which actions each caller has read in full, by the digest that was shown: a client of an API without digests decides on
 * what it was shown. Kept in memory: after a restart an action has to be read again.
 */
export type Readings = {
  note: (caller: string, ref: ActionRef, digest: string) => void;
  /** The digests that a caller was shown of an action within the hour, each once. */
  of: (caller: string, ref: ActionRef) => readonly string[];
  /** From now on only this digest stands for the action. */
  only: (caller: string, ref: ActionRef, digest: string) => void;
};

export function createReadings(now: () => Date): Readings {
  const known = new Map<string, Map<string, number>>();
  const keyOf = (caller: string, { run_id, contact_id, action_index }: ActionRef) =>
    JSON.stringify([caller, run_id, contact_id, action_index]);

  function keep(key: string, digests: Map<string, number>): void {
    // The newest stand last.
    known.delete(key);
    known.set(key, digests);
    if (known.size <= MOST_ACTIONS) return;
    const [oldest = ''] = known.keys();
    known.delete(oldest);
  }

  return {
    note(caller, ref, digest) {
      const key = keyOf(caller, ref);
      keep(key, (known.get(key) ?? new Map()).set(digest, now().getTime()));
    },
    of(caller, ref) {
      const since = now().getTime() - STANDS_MS;
      return [...(known.get(keyOf(caller, ref)) ?? [])].filter(([, at]) => at > since).map(([digest]) => digest);
    },
    only(caller, ref, digest) {
      keep(keyOf(caller, ref), new Map([[digest, now().getTime()]]));
    },
  };
}

import { AppError } from '../../domain/base/errors.ts';
import type { House } from '../../engine/base/house.ts';
import { pause } from '../../store/pause.ts';

const EVERY_MS = 1_000;

type Fingerprint = () => Promise<string>;
type Watched = { fingerprint: Fingerprint; last: Promise<string | undefined>; onChange: () => void };

/** Looks at the store, for other processes' changes too, and only while something is watched. */
export type Watcher = {
  /** Calls back after each change of the fingerprint, until the function given back is called. */
  watch: (fingerprint: Fingerprint, onChange: () => void) => () => void;
};

/** undefined where it can't be told just now. */
async function taken(fingerprint: Fingerprint): Promise<string | undefined> {
  try {
    return await fingerprint();
  } catch (error) {
    return error instanceof AppError && error.code === 'NOT_FOUND' ? 'gone' : undefined;
  }
}

/** One for a process. Costs one look at the end of the log a second, and nothing while nobody watches. */
export function createWatcher({ store, deps }: House): Watcher {
  const all = new Set<Watched>();
  let following: AbortController | undefined;
  /** Up to which commit everything watched was looked at. */
  let seen = -1;

  /** Whether all could be told. */
  async function lookAtAll(): Promise<boolean> {
    let isComplete = true;
    for (const watched of all) {
      const before = await watched.last;
      const now = await taken(watched.fingerprint);
      if (now === undefined) isComplete = false;
      if (now === undefined || now === before) continue;
      watched.last = Promise.resolve(now);
      if (all.has(watched)) watched.onChange();
    }
    return isComplete;
  }

  /** Looks after each commit; what could not be told is looked at again a second later. */
  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const commits of store.changes(seen, signal)) {
          if (!(await lookAtAll())) break;
          seen = commits;
        }
      } catch (error) {
        deps.log.debug({ error: String(error) }, 'watching has to wait');
      }
      await pause(EVERY_MS, signal);
    }
  }

  return {
    watch(fingerprint, onChange) {
      const watched = { fingerprint, last: taken(fingerprint), onChange };
      all.add(watched);
      if (!following) {
        following = new AbortController();
        void follow(following.signal);
      }
      return () => {
        all.delete(watched);
        if (all.size > 0) return;
        following?.abort();
        following = undefined;
      };
    },
  };
}

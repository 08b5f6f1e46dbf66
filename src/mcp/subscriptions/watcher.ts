import { AppError } from '../../domain/base/errors.ts';
import type { House } from '../../engine/base/house.ts';
import { pause } from '../../store/pause.ts';

const PAUSE_MS = 1_000;

type Fingerprint = () => Promise<string>;
type Watched = { fingerprint: Fingerprint; last: Promise<string | undefined>; onChange: () => void };

/** A resource that is watched until `stop` is called. What changes once `begun` has resolved is noticed. */
export type Watch = { stop: () => void; begun: Promise<unknown> };

/** Notices changes of resources, those of other processes too. Looks at the store only while something is watched. */
export type Watcher = {
  /** Calls `onChange` after each change of the fingerprint. */
  watch: (fingerprint: Fingerprint, onChange: () => void) => Watch;
};

/** The fingerprint now; `gone` where the resource was deleted, undefined where the store can't be read just now. */
async function taken(fingerprint: Fingerprint): Promise<string | undefined> {
  try {
    return await fingerprint();
  } catch (error) {
    return error instanceof AppError && error.code === 'NOT_FOUND' ? 'gone' : undefined;
  }
}

/** Tells what changed. False where the store couldn't be read for one of the resources. */
async function lookAtAll(all: ReadonlySet<Watched>): Promise<boolean> {
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

/** Makes the watcher of a process: it looks at the end of the log once a second, and never while nobody watches. */
export function createWatcher({ store, deps }: House): Watcher {
  const all = new Set<Watched>();
  let following: AbortController | undefined;
  /** The commit as of which all watched resources were last looked at. */
  let seen = -1;

  /** Looks after each commit. Where the store couldn't be read, all is looked at again a second later. */
  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const commits of store.changes(seen, signal)) {
          if (!(await lookAtAll(all))) break;
          seen = commits;
        }
      } catch (error) {
        deps.log.debug(
          { error: String(error) },
          'the store could not be read for subscriptions; the next try follows in 1 s',
        );
      }
      await pause(PAUSE_MS, signal);
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
      const stop = () => {
        all.delete(watched);
        if (all.size > 0) return;
        following?.abort();
        following = undefined;
      };
      return { stop, begun: watched.last };
    },
  };
}

import { AppError } from '../../domain/base/errors.ts';
import type { House } from '../../engine/base/house.ts';

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
export function createWatcher(house: House): Watcher {
  const all = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  /** Up to which commit everything watched was looked at. */
  let seen = -1;
  let looking = false;

  async function look(): Promise<void> {
    const commits = await house.store.read((view) => view.commits());
    if (commits === seen) return;
    let isComplete = true;
    for (const watched of all) {
      const before = await watched.last;
      const now = await taken(watched.fingerprint);
      if (now === undefined) isComplete = false;
      if (now === undefined || now === before) continue;
      watched.last = Promise.resolve(now);
      if (all.has(watched)) watched.onChange();
    }
    if (isComplete) seen = commits;
  }

  function tick(): void {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => house.deps.log.debug({ error: String(error) }, 'watching has to wait'))
      .finally(() => {
        looking = false;
      });
  }

  return {
    watch(fingerprint, onChange) {
      const watched = { fingerprint, last: taken(fingerprint), onChange };
      all.add(watched);
      timer ??= setInterval(tick, EVERY_MS).unref();
      return () => {
        all.delete(watched);
        if (all.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

import type { Deps, Outbox } from '../domain/base/deps.ts';
import { createCopies, outboxMark } from '../files/outbox.ts';
import type { SharedOutbox } from '../store/store.ts';

/** So often a process looks whether its machine has copies of files that another one removed. */
const TIDY_MS = 60_000;

type OwnMeans = Pick<Deps, 'outbox' | 'home' | 'log'>;

/**
 * The outbox that all machines of a home share, with a copy of each file on the machine that writes it: programs there can open
 * that. What is in the home's own outbox, of before the home moved, goes too where its contact is erased.
 */
function outboxOver(shared: SharedOutbox, { outbox: own, home, log }: OwnMeans): Outbox {
  const copies = home === undefined ? undefined : createCopies(home);
  let tidiedAt = Number.NEGATIVE_INFINITY;
  return {
    read: shared.read,
    newest: shared.newest,
    async write(fileName, content) {
      const place = await shared.write(fileName, content);
      if (!copies) return place;
      return copies.write(fileName, content).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'a file of the outbox is in the database, and has no copy here');
        return place;
      });
    },
    async remove(id) {
      const mark = outboxMark(id);
      await shared.removeMarked(mark);
      await copies?.remove(mark);
      await own.remove(id);
    },
    async tidy() {
      if (!copies || performance.now() - tidiedAt < TIDY_MS) return;
      tidiedAt = performance.now();
      await copies.tidy(shared.kept);
    },
  };
}

/** The same deps with the outbox that a store has. What is told later, such as where the desk is, is still told then. */
export function withSharedOutbox(deps: Deps, shared: SharedOutbox): Deps {
  const same = Object.defineProperties({ ...deps }, Object.getOwnPropertyDescriptors(deps));
  return Object.defineProperty(same, 'outbox', { value: outboxOver(shared, deps), enumerable: true });
}

import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import { errorCode, storeError } from '../../files/durable.ts';
import { pause } from '../pause.ts';
import type { Store } from '../store.ts';
import { auditHome } from './audit.ts';
import { checkHome } from './check.ts';
import { contactsFor, targetsFor } from './documents/find.ts';
import { Behind } from './documents/snapshot.ts';
import { forgetErased } from './forget.ts';
import { homeSecret, pathsOf, prepareHome } from './home.ts';
import { Kept } from './kept.ts';
import { Leases } from './leases.ts';
import { Rewritten } from './log/faults.ts';
import { TUNING, type Tuning } from './log/tuning.ts';
import { OpenHome } from './open-home.ts';

/** How often other processes' commits are looked for. */
const LOOK_MS = 1_000;

/** The store in a folder of JSON files, shared by any number of processes of one machine. */
export function createJsonStore(
  home: string,
  deps: Pick<Deps, 'now' | 'newId' | 'log'>,
  adjusted: Partial<Tuning> = {},
): Store {
  const paths = pathsOf(home);
  const tuning = { ...TUNING, ...adjusted };
  const holder = deps.newId('proc');
  const leases = new Leases(paths, holder, deps.log);
  const kept = new Kept(paths);
  const isAlive = (other: string) => leases.isAlive(other);
  let opened: OpenHome | undefined;
  let saveTimer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();

  function open(): OpenHome {
    if (opened) return opened;
    prepareHome(paths);
    opened = new OpenHome(paths, deps, holder, { tuning, isAlive });
    return opened;
  }

  /** What is in memory isn't to be believed: the next piece of work begins with the files. */
  function reopen(): void {
    opened?.abandon();
    opened = undefined;
  }

  /** Runs a piece of work; after a failure the home is opened afresh at the next one. */
  function guarded<T>(doing: string, work: (at: OpenHome) => T): T {
    for (;;) {
      try {
        const at = open();
        at.catchUp();
        const value = work(at);
        at.release();
        if (at.wantsSaving) saveSoon();
        return value;
      } catch (error) {
        if (error instanceof Behind) continue;
        if (error instanceof Rewritten) {
          reopen();
          continue;
        }
        if (!(error instanceof AppError) || error.code === 'STORE_ERROR') {
          reopen();
        }
        throw error instanceof AppError || errorCode(error) === undefined ? error : storeError(error, doing);
      }
    }
  }

  async function saveOnce(): Promise<void> {
    try {
      opened?.catchUp();
      await opened?.save();
    } catch (error) {
      if (error instanceof Behind) return saveSoon();
      if (error instanceof Rewritten) return reopen();
      deps.log.warn({ error: String(error) }, 'snapshots could not be written; the log has everything');
    }
  }

  /** One saving at a time. */
  function save(): Promise<void> {
    saving = saving.then(saveOnce);
    return saving;
  }

  /** Writes the snapshots that an erasure makes old, however often what is in memory has to be read anew meanwhile. */
  async function saveErasedOnce(): Promise<void> {
    for (;;) {
      try {
        const at = guarded('Reading', (found) => found);
        await at.saveErased();
        if (at === opened) return;
      } catch (error) {
        if (error instanceof Rewritten) reopen();
        else if (!(error instanceof Behind)) throw error;
      }
    }
  }

  function saveErased(): Promise<void> {
    const done = saving.then(saveErasedOnce);
    saving = done.catch(() => undefined);
    return done;
  }

  function saveSoon(): void {
    if (saveTimer) return;
    saveTimer = setTimeout(() => {
      saveTimer = undefined;
      save();
    }, tuning.saveAfterMs);
    saveTimer.unref();
  }

  let forgetting: Promise<unknown> = Promise.resolve();

  const store: Store = {
    holder,
    read: async (look) => guarded('Reading', (at) => at.look(look)),
    commit: async (author, decide) => guarded('Writing', (at) => at.commit(author, decide)),
    find: {
      contacts: async (query, page) => guarded('Reading', (at) => contactsFor(at.documents, query, page)),
      targets: async (query) => guarded('Reading', (at) => targetsFor(at.documents, query)),
    },
    async *changes(since, signal) {
      for (let seen = since; !signal.aborted; ) {
        const newest = guarded('Reading', (at) => at.look((view) => view.commits()));
        if (newest !== seen) yield newest;
        seen = newest;
        await pause(LOOK_MS, signal);
      }
    },
    renew: async () => leases.renew(),
    keep: async (token, value) => kept.keep(token, value),
    recall: async (token) => kept.recall(token),
    take: async (token) => kept.take(token),
    secret: async () => homeSecret(paths),
    forget(author) {
      const seal = async () => guarded('Writing', (at) => at.seal(author));
      const done = forgetting.then(() => forgetErased({ ...store, paths, seal, saveErased, isAlive }, author));
      forgetting = done.catch(() => undefined);
      return done.catch((error: unknown) => {
        throw errorCode(error) === undefined ? error : storeError(error, 'Rewriting the log');
      });
    },
    check: async () => checkHome(paths),
    audit: async () => auditHome(paths),
    async close() {
      clearTimeout(saveTimer);
      await save();
      opened?.close();
      opened = undefined;
      leases.drop();
    },
  };
  return store;
}

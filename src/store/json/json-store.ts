import fs from 'node:fs';
import path from 'node:path';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import { errorCode, isFolder, makeFolder, readIfThere, replaceFile, storeError, touch } from '../../files/durable.ts';
import type { Store, StoreReport } from '../store.ts';
import { auditHome } from './audit.ts';
import { checkHome } from './check.ts';
import { Behind } from './documents/snapshot.ts';
import { forget } from './forget.ts';
import { homeSecret, pathsOf, prepareHome } from './home.ts';
import { Rewritten } from './log/faults.ts';
import { TUNING, type Tuning } from './log/tuning.ts';
import { OpenHome } from './open-home.ts';

const LEASE_MS = 15_000;
const RENEW_MS = 3_000;
const KEEP_MS = 86_400_000;
const SWEEP_MS = 3_600_000;
const TOKEN = /^[a-z]+_[a-z0-9]{10,40}$/;

/** The store in a folder of JSON files, shared by any number of processes of one machine. */
export function createJsonStore(
  home: string,
  deps: Pick<Deps, 'now' | 'newId' | 'log'>,
  adjusted: Partial<Tuning> = {},
): Store {
  const paths = pathsOf(home);
  const tuning = { ...TUNING, ...adjusted };
  const holder = deps.newId('proc');
  const lease = path.join(paths.leases, holder);
  let renewed = 0;
  let swept = 0;
  let opened: OpenHome | undefined;
  let saveTimer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();

  function open(): OpenHome {
    if (opened) return opened;
    prepareHome(paths);
    opened = new OpenHome(paths, deps, holder, tuning);
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
        const at = guarded('Reading', (home) => home);
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

  /** A folder below `state`, made where it is missing. */
  function openFolder(directory: string): void {
    makeFolder(paths.state);
    makeFolder(directory);
  }

  /** Leases of killed processes and old review tokens don't pile up. */
  function sweep(directory: string): void {
    for (const name of fs.readdirSync(directory)) {
      const file = path.join(directory, name);
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > KEEP_MS) fs.rmSync(file, { force: true });
    }
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
    home,
    async read(look) {
      return guarded('Reading', (at) => look(at.view));
    },
    async commit(author, decide) {
      return guarded('Writing', (at) => at.commit(author, decide));
    },
    renew() {
      if (renewed !== 0 && performance.now() - renewed < RENEW_MS) return;
      try {
        openFolder(paths.leases);
        if (renewed === 0) sweep(paths.leases);
        touch(lease);
        renewed = performance.now();
      } catch (error) {
        deps.log.warn({ error: String(error) }, 'the lease could not be renewed; others may take over');
      }
    },
    isAlive(other) {
      if (other === holder) return true;
      try {
        // A clock that was set back leaves leases from the future: those of the dead are never renewed.
        return (
          TOKEN.test(other) && Math.abs(Date.now() - fs.lstatSync(path.join(paths.leases, other)).mtimeMs) < LEASE_MS
        );
      } catch {
        return false;
      }
    },
    keep(token, value) {
      try {
        openFolder(paths.reviews);
        if (Date.now() - swept > SWEEP_MS) {
          swept = Date.now();
          sweep(paths.reviews);
        }
        replaceFile(path.join(paths.reviews, `${token}.json`), value, { isDurable: false });
      } catch (error) {
        throw storeError(error, 'Keeping a review token');
      }
    },
    recall(token) {
      if (!TOKEN.test(token)) return undefined;
      try {
        if (!isFolder(paths.state) || !isFolder(paths.reviews)) return undefined;
        return readIfThere(path.join(paths.reviews, `${token}.json`))?.toString('utf8');
      } catch (error) {
        throw storeError(error, 'Looking for what was kept');
      }
    },
    take(token) {
      const value = this.recall(token);
      if (value === undefined) return undefined;
      try {
        fs.unlinkSync(path.join(paths.reviews, `${token}.json`));
        return value;
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw storeError(error, 'Taking an answer');
      }
    },
    secret: () => homeSecret(paths),
    forget(author) {
      const seal = async () => guarded('Writing', (at) => at.seal(author));
      const done = forgetting.then(() => forget({ ...store, paths, seal, saveErased }, author));
      forgetting = done.catch(() => undefined);
      return done.catch((error: unknown) => {
        throw errorCode(error) === undefined ? error : storeError(error, 'Rewriting the log');
      });
    },
    check: (): StoreReport => checkHome(paths),
    audit: () => auditHome(paths),
    async close() {
      clearTimeout(saveTimer);
      await save();
      opened?.close();
      opened = undefined;
      // Without a home there is no lease either.
      if (renewed !== 0) fs.rmSync(lease, { force: true });
    },
  };
  return store;
}

import type { Author } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { errorCode, storeError } from '../../files/durable.ts';
import { pause } from '../pause.ts';
import type { Store } from '../store.ts';
import { auditHome } from './audit.ts';
import { checkHome } from './check.ts';
import { contactsFor, targetsFor } from './documents/find.ts';
import { forgetErased, type Rewriting } from './forget.ts';
import { homeSecret, pathsOf } from './home.ts';
import { HomeAccess } from './home-access.ts';
import { Kept } from './kept.ts';
import { Leases } from './leases.ts';
import { TUNING, type Tuning } from './log/tuning.ts';

/** How often `changes` looks for commits of other processes. */
const LOOK_MS = 1_000;

async function* changesIn(access: HomeAccess, since: number, signal: AbortSignal): AsyncGenerator<number> {
  for (let seen = since; !signal.aborted; ) {
    const newest = access.run('Reading', (home) => home.look((view) => view.commits()));
    if (newest !== seen) yield newest;
    seen = newest;
    await pause(LOOK_MS, signal);
  }
}

/** `forget` of a store: one erasure of this process after the other. */
function forgetIn(rewriting: Rewriting): Store['forget'] {
  let last: Promise<unknown> = Promise.resolve();
  return (author: Author) => {
    const done = last.then(() => forgetErased(rewriting, author));
    last = done.catch(() => undefined);
    return done.catch((error: unknown) => {
      throw errorCode(error) === undefined ? error : storeError(error, 'Rewriting the log');
    });
  };
}

/** The store in a folder of JSON files, shared by any number of processes of one machine. `home` is its absolute path. */
export function createJsonStore(
  home: string,
  deps: Pick<Deps, 'now' | 'newId' | 'log'>,
  adjusted: Partial<Tuning> = {},
): Store {
  const paths = pathsOf(home);
  const holder = deps.newId('proc');
  const leases = new Leases(paths, holder, deps.log);
  const kept = new Kept(paths);
  const isAlive = (other: string) => leases.isAlive(other);
  const access = new HomeAccess(paths, deps, holder, { tuning: { ...TUNING, ...adjusted }, isAlive });
  const core: Pick<Store, 'holder' | 'read' | 'commit' | 'renew'> = {
    holder,
    read: async (look) => access.run('Reading', (opened) => opened.look(look)),
    commit: async (author, decide) => access.run('Writing', (opened) => opened.commit(author, decide)),
    renew: async () => leases.renew(),
  };
  const seal = async (author: Author) => access.run('Writing', (opened) => opened.seal(author));
  return {
    ...core,
    find: {
      contacts: async (query, page) => access.run('Reading', ({ documents }) => contactsFor(documents, query, page)),
      targets: async (query) => access.run('Reading', ({ documents }) => targetsFor(documents, query)),
    },
    changes: (since, signal) => changesIn(access, since, signal),
    keep: async (token, value) => kept.keep(token, value),
    recall: async (token) => kept.recall(token),
    take: async (token) => kept.take(token),
    secret: async () => homeSecret(paths),
    forget: forgetIn({ ...core, paths, isAlive, seal, saveErased: () => access.saveErased() }),
    check: async () => checkHome(paths),
    audit: async (terms) => auditHome(paths, terms),
    async close() {
      await access.close();
      leases.drop();
    },
  };
}

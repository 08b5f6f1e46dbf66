import type { Author } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { errorCode, storeError } from '../../files/durable.ts';
import { pause } from '../pause.ts';
import type { Store } from '../store.ts';
import { placesFor, prepareFor } from './ahead.ts';
import { auditHome } from './audit.ts';
import { checkHome } from './check.ts';
import { Findings } from './findings.ts';
import { forgetErased, type Rewriting } from './forget.ts';
import { homeSecret, pathsOf } from './home.ts';
import { HomeAccess } from './home-access.ts';
import { contactsAsOf } from './index/as-of.ts';
import { SegmentIndexes } from './index/segment-index.ts';
import { Kept } from './kept.ts';
import { Leases } from './leases.ts';
import { TUNING, type Tuning } from './log/tuning.ts';
import { contactsFor, type LookAtPeople, targetsFor } from './search.ts';

/** How often `changes` looks for commits of other processes. */
const LOOK_MS = 1_000;

async function* changesIn(access: HomeAccess, since: number, signal: AbortSignal): AsyncGenerator<number> {
  for (let seen = since; !signal.aborted; ) {
    const newest = await access.run('Reading', (home) => home.look((view) => view.commits()));
    if (newest !== seen) yield newest;
    seen = newest;
    await pause(LOOK_MS, signal);
  }
}

/** Has one call after the other do its work. `doing` begins the message of an AppError STORE_ERROR. */
function inTurn<A, T>(doing: string, work: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const done = last.then(() => work(argument));
    last = done.catch(() => undefined);
    return done.catch((error: unknown) => {
      throw errorCode(error) === undefined ? error : storeError(error, doing);
    });
  };
}

function searchesIn(access: HomeAccess): Pick<Store, 'find' | 'places' | 'prepare'> {
  const findings = new Findings();
  const people: LookAtPeople = (look) => access.run('Reading', (opened) => look(opened.people));
  return {
    find: {
      contacts: (query, page) => contactsFor(people, query, page),
      async targets(query) {
        const last = await access.run('Reading', (opened) => opened.evaluatedBy(query.agent_id));
        return targetsFor(people, findings, last, query);
      },
    },
    places(by, names) {
      access.expectMuch();
      return placesFor(people, by, names);
    },
    prepare: (whom, withActivity) => prepareFor(people, whom, withActivity),
  };
}

/** A home of files notices no step back: what would remember it is in the same folder. Whoever copies an old one back says so. */
function neverOlder({ commit }: Pick<Store, 'commit'>): Pick<Store, 'stepBack' | 'acceptOlder' | 'remember'> {
  return {
    stepBack: () => undefined,
    acceptOlder: (author, _back, decide) => commit(author, decide).then(() => undefined),
    remember: async () => undefined,
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
  const access = new HomeAccess(paths, deps, holder, {
    tuning: { ...TUNING, ...adjusted },
    isAlive,
    hasLeft: (other) => leases.hasLeft(other),
  });
  const core: Pick<Store, 'holder' | 'calls' | 'read' | 'commit' | 'renew' | 'oneCall'> = {
    ...{ holder, calls: undefined },
    read: async (look) => access.run('Reading', (opened) => opened.look(look)),
    async commit(author, decide) {
      const value = await access.run('Writing', (opened) => opened.commit(author, decide));
      await access.keepUp();
      return value;
    },
    renew: async (isHeavy = false) => leases.renew(isHeavy),
    oneCall: (work) => work(),
  };
  const seal = async (author: Author) => access.run('Writing', (opened) => opened.seal(author));
  const indexes = new SegmentIndexes(paths.state);
  const rewriting: Rewriting = { ...core, paths, isAlive, seal, indexes, saveErased: () => access.saveErased() };
  return {
    ...core,
    ...searchesIn(access),
    asOf: inTurn('Reading the log', async (wanted) => {
      const newest = await core.read((view) => view.commits());
      return contactsAsOf({ log: paths.log, newest }, indexes, wanted);
    }),
    changes: (since, signal) => changesIn(access, since, signal),
    ...neverOlder(core),
    keep: async (token, value) => kept.keep(token, value),
    recall: async (token) => kept.recall(token),
    take: async (token) => kept.take(token),
    settle: () => access.settle(),
    ...{ secret: async () => homeSecret(paths), outbox: undefined, tokens: undefined },
    forget: inTurn('Rewriting the log', (author) => forgetErased(rewriting, author)),
    check: async () => checkHome(paths),
    audit: async (terms) => auditHome(paths, terms),
    async close() {
      await access.close();
      leases.drop();
    },
  };
}

import type { Deps } from '../../domain/base/deps.ts';
import { pause } from '../pause.ts';
import type { Store } from '../store.ts';
import { DatabaseAccess } from './access/database-access.ts';
import { POSTGRES_TUNING, type PostgresTuning } from './access/postgres-tuning.ts';
import type { Remembering } from './access/seen-heads.ts';
import { databaseOf } from './connection/database-url.ts';
import { databaseAudit, databaseCheck } from './database-audit.ts';
import { forgetInDatabase } from './forget-in-database.ts';
import { RunCalls } from './jobs/run-calls.ts';
import { keptIn } from './kept-values.ts';
import { DatabaseLease } from './leases.ts';
import { outboxInDatabase } from './outbox-in-database.ts';
import { pastContacts } from './past-contacts.ts';
import { searchesInDatabase } from './search/searches.ts';
import { tokensInDatabase } from './tokens-in-database.ts';

/** How often `changes` looks for commits of other processes. */
const LOOK_MS = 500;

async function* changesIn(access: DatabaseAccess, since: number, signal: AbortSignal): AsyncGenerator<number> {
  for (let seen = since; !signal.aborted; ) {
    const newest = await access.read((view) => view.commits());
    if (newest !== seen) yield newest;
    seen = newest;
    await pause(LOOK_MS, signal);
  }
}

/**
 * The store in a PostgreSQL database, shared by any number of processes on any machines. `url` names it (`databaseOf`). The
 * database is reached when it is first needed. What this process sees of it is kept as `remembering` says.
 */
export function createPostgresStore(
  url: string,
  deps: Pick<Deps, 'now' | 'newId' | 'log' | 'followClock'>,
  adjusted: Partial<PostgresTuning> = {},
  remembering?: Remembering,
): Store {
  const tuning = { ...POSTGRES_TUNING, ...adjusted };
  const database = databaseOf(url);
  const access = new DatabaseAccess(database, deps, tuning, remembering);
  const lease = new DatabaseLease(access.connections, access.holder, deps.log, tuning);
  const kept = keptIn(access.connections, tuning);
  const calls = new RunCalls(database, deps.log);
  const renew = () => lease.renew();
  return {
    holder: access.holder,
    calls,
    read: (look) => access.read(look),
    oneCall: (work) => access.oneCall(work),
    commit: (author, decide) => access.commit(author, decide),
    stepBack: () => access.seen.stepBack,
    acceptOlder: (author, back, decide) => access.acceptOlder(author, back, decide),
    remember: () => access.doing('Reading', () => access.seen.remember()),
    ...searchesInDatabase(access),
    asOf: (wanted) => access.doing('Reading the log', () => pastContacts(access, wanted)),
    changes: (since, signal) => changesIn(access, since, signal),
    renew,
    settle: async () => access.heap.end(),
    keep: (token, value) => access.doing('Keeping a value', () => kept.keep(token, value)),
    recall: (token) => access.doing('Reading a kept value', () => kept.recall(token)),
    take: (token) => access.doing('Taking a kept value', () => kept.take(token)),
    secret: () => access.doing('Reading the secret', kept.secret),
    outbox: outboxInDatabase(access, database.shown),
    tokens: tokensInDatabase(access),
    forget: (author) => access.doing('Rewriting the log', () => forgetInDatabase(access, renew, author)),
    check: () => databaseCheck(access),
    audit: (terms) => databaseAudit(access, terms),
    async close() {
      await Promise.all([lease.drop(), calls.close()]);
      await access.close();
    },
  };
}

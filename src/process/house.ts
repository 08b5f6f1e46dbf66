import type { Offers } from '../domain/agents/tool.ts';
import type { Deps } from '../domain/base/deps.ts';
import type { House } from '../engine/base/house.ts';
import { guardStore } from '../engine/gate/commit.ts';
import { afterRestoring } from '../engine/review/restored.ts';
import { createToolServers } from '../net/tools/servers.ts';
import { createJsonStore } from '../store/json/json-store.ts';
import type { Store } from '../store/store.ts';
import type { Settings } from './environment.ts';
import { withSharedOutbox } from './shared-outbox.ts';

/** What some of the person's MCP servers offer now. They are started for this, and ended after it. */
export async function askToolServers(names: readonly string[], deps: Deps): Promise<Offers> {
  const servers = createToolServers(deps);
  return servers.ask(names, 0).finally(() => servers.close());
}

/** Makes the house of a process, over a store. */
export function createHouse(store: Store, given: Deps, isReadOnly = false): House {
  const deps = store.outbox === undefined ? given : withSharedOutbox(given, store.outbox);
  const ended = new AbortController();
  const toolServers = createToolServers(deps);
  const house: House = {
    ...guardStore(store, deps, { afterStepBack: afterRestoring, isReadOnly }),
    get whole() {
      return house;
    },
    store,
    deps,
    toolServers,
    runs: new Map(),
    attempts: new Map(),
    looks: new Map(),
    facts: new Map(),
    isReadOnly,
    executing: undefined,
    get ending() {
      return ended.signal.aborted;
    },
    ended: ended.signal,
    end() {
      ended.abort();
      toolServers.close();
    },
  };
  return house;
}

/**
 * How a store is opened: with `raises: false`, only a commit raises a home of an earlier format, and what is seen of a database
 * is kept in no file.
 */
export type StoreChoice = { raises: boolean };

/**
 * The store that the settings name: a database, else the home's folder. Nothing is read yet. What speaks to a database is
 * loaded here; throws AppError STORE_ERROR where it isn't installed.
 */
export async function openStore(
  settings: Settings,
  deps: Deps,
  { raises }: StoreChoice = { raises: !settings.readOnly },
): Promise<Store> {
  if (settings.database === undefined) return createJsonStore(settings.home, deps, { raises });
  const { createPostgresStore } = await import('../store/postgres/postgres-store.ts');
  const { loadDriver } = await import('../store/postgres/connection/open-client.ts');
  await loadDriver();
  const { endMove } = await import('./move.ts');
  await endMove(settings);
  return createPostgresStore(settings.database.url, deps, {}, { home: settings.home, writes: raises });
}

/** Makes the house of a process, over the store that the settings name. */
export async function openHouse(settings: Settings, deps: Deps): Promise<House> {
  return createHouse(await openStore(settings, deps), deps, settings.readOnly);
}

/**
 * Ends a house: nothing new begins, and what is under way writes its outcome. Then what `closeOthers` closes, which may
 * still say answers, and the store last.
 */
export async function closeHouse(house: House, closeOthers?: () => unknown): Promise<void> {
  house.end();
  const runs = [...house.runs.values()];
  for (const run of runs) run.stop.abort();
  const underWay = [
    house.toolServers.close(),
    house.executing,
    ...house.attempts.values(),
    ...house.looks.values(),
    ...runs.map((run) => run.done),
  ];
  await Promise.allSettled(underWay);
  await Promise.allSettled([closeOthers?.()]);
  await Promise.allSettled([house.store.close()]);
}

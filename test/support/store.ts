import type { Deps } from '../../src/domain/base/deps.ts';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import type { Run } from '../../src/domain/runs/run.ts';
import { ALL } from '../../src/domain/state/queries.ts';
import type { AgentCard } from '../../src/domain/state/state.ts';
import type { View } from '../../src/domain/state/view.ts';
import { createJsonStore } from '../../src/store/json/json-store.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import type { PostgresTuning } from '../../src/store/postgres/access/postgres-tuning.ts';
import type { Remembering } from '../../src/store/postgres/access/seen-heads.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import { databaseUrlOf, isOnPostgres } from './postgres/homes.ts';

/** Less than this is how two clocks of a process differ by themselves. */
const NO_TIME_MS = 100;

/** How far a test has set the clock forward, by a clock that it doesn't set. */
function aheadMs(): number {
  const ahead = Date.now() - (performance.timeOrigin + performance.now());
  return Math.abs(ahead) < NO_TIME_MS ? 0 : Math.round(ahead);
}

/**
 * The store that every test works on: of JSON files, or in the lane of PostgreSQL the home's database. Each look and each
 * decision runs twice in it and has to come out the same, as a store that loads what is missing and asks again needs it.
 */
export function aStore(home: string, deps: Pick<Deps, 'now' | 'newId' | 'log'>, adjusted: Partial<Tuning> = {}): Store {
  if (isOnPostgres) {
    const { segmentBytes } = adjusted;
    const sized = segmentBytes === undefined ? {} : { segmentBytes };
    return aDatabaseStore(databaseUrlOf(home), deps, sized);
  }
  return createJsonStore(home, deps, { runsTwice: true, ...adjusted });
}

/** The store of JSON files in every lane, for tests that hold both stores against each other. */
export function aJsonStore(home: string, deps: Pick<Deps, 'now' | 'newId' | 'log'>): Store {
  return createJsonStore(home, deps, { runsTwice: true });
}

/** A store in the database that a URL names, for tests that end or cut off the database. */
export function aDatabaseStore(
  url: string,
  deps: Pick<Deps, 'now' | 'newId' | 'log'>,
  adjusted: Partial<PostgresTuning> = {},
  remembering?: Remembering,
): Store {
  return createPostgresStore(url, deps, { runsTwice: true, aheadMs, ...adjusted }, remembering);
}

/** Every contact, in the order of their making. */
export function contactsIn(view: View): Contact[] {
  return view.find.contacts(ALL).rows.toReversed();
}

/** Every agent, archived ones too, in the order of their making. */
export function agentsIn(view: View): AgentCard[] {
  return view.find.agents({ status: 'any' }, ALL).rows.toReversed();
}

/** Every run, in the order of their making. */
export function runsIn(view: View): Run[] {
  return view.find.runs({}, ALL).rows.toReversed();
}

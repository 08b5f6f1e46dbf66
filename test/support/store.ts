import type { Deps } from '../../src/domain/base/deps.ts';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import type { Run } from '../../src/domain/runs/run.ts';
import { ALL } from '../../src/domain/state/queries.ts';
import type { AgentCard } from '../../src/domain/state/state.ts';
import type { View } from '../../src/domain/state/view.ts';
import { createJsonStore } from '../../src/store/json/json-store.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import type { Store } from '../../src/store/store.ts';

/**
 * The store that every test works on. Each look and each decision runs twice in it and has to come out the same, as a
 * store that loads what is missing and asks again needs it.
 */
export function aStore(home: string, deps: Pick<Deps, 'now' | 'newId' | 'log'>, adjusted: Partial<Tuning> = {}): Store {
  return createJsonStore(home, deps, { runsTwice: true, ...adjusted });
}

/** For tests that count how often a decision is asked for, or decide something else each time. */
export const ONCE: Partial<Tuning> = { runsTwice: false };

/** Every contact, in the order of their making. */
export function contactsIn(view: View): Contact[] {
  return view.find.contacts(ALL).rows.reverse();
}

/** Every agent, archived ones too, in the order of their making. */
export function agentsIn(view: View): AgentCard[] {
  return view.find.agents({ status: 'any' }, ALL).rows.reverse();
}

/** Every run, in the order of their making. */
export function runsIn(view: View): Run[] {
  return view.find.runs({}, ALL).rows.reverse();
}

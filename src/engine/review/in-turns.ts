import { setImmediate as turn } from 'node:timers/promises';
import type { ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { sharing } from '../base/scene.ts';
import { comparerOf } from '../gate/comparer.ts';
import { type LocatedAction, locateShown } from './locate.ts';

/** So many rows are looked at before other calls of the process get their turn. */
const AT_ONCE = 100;

/** The records that a digest was made of. A store replaces a record that changes, so the same ones mean no change. */
function recordsOf(looker: View, { run_id, contact_id }: ActionRef): unknown[] {
  const view = wholeOf(looker);
  const run = view.run(run_id);
  const agent = run && currentAgent(view, run.agent_id);
  const contact = view.contact(contact_id);
  const ids = contact ? [contact_id, ...sharing(view, contact).map(({ id }) => id)] : [];
  return [
    agent,
    agent?.identity_id === undefined ? undefined : view.identity(agent.identity_id),
    contact,
    view.results(run_id).results.get(contact_id),
    ...ids.flatMap((id) => {
      const lists = [view.activity(id).events, view.ledger(id)];
      // What isn't there is given as another empty list each time.
      return [id, ...lists.map((list) => (list.length === 0 ? undefined : list))];
    }),
  ];
}

type Noted = { found: LocatedAction; records: unknown[] };

/** An action as it was looked at before, where nothing that its digest is made of has changed since. */
export type LookedAt = (view: View, ref: ActionRef) => LocatedAction | undefined;

/**
 * Looks at many rows before the commit that decides on them, so that the commit itself is short. The commit takes what
 * has not changed meanwhile from here, and looks at the rest again.
 */
export async function lookInTurns(house: House, refs: readonly ActionRef[]): Promise<LookedAt> {
  const noted = new Map<string, Noted>();
  for (let from = 0; refs.length > AT_ONCE && from < refs.length; from += AT_ONCE) {
    const slice = refs.slice(from, from + AT_ONCE);
    await house.read((view) => {
      const ids = slice.map(({ contact_id }) => contact_id);
      view.want({ activity: ids, ledger: ids, results: [...new Set(slice.map(({ run_id }) => run_id))] });
      const comparer = comparerOf(view);
      for (const ref of slice) {
        const found = locateShown(view, ref, comparer);
        if (found) noted.set(refKey(ref), { found, records: recordsOf(view, ref) });
      }
    });
    await turn();
  }
  return (view, ref) => {
    const before = noted.get(refKey(ref));
    if (!before) return undefined;
    const now = recordsOf(view, ref);
    const isSame = before.records.length === now.length && before.records.every((record, at) => record === now[at]);
    return isSame ? before.found : undefined;
  };
}

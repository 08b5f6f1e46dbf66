import type { Author } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { withChecks } from '../../domain/base/schema-check.ts';
import type { View } from '../../domain/state/view.ts';
import type { Decision, Store } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { drawMoment, type Moment } from '../base/moment.ts';
import { logEvents } from './decision-log.ts';
import { demandLawful } from './lock.ts';
import { endedTrust, standingEvents } from './standing.ts';

/**
 * Holds a decision against the lock, and adds to its events what it does to permissions, and the decision log's entries.
 */
function sealed<T>(view: View, decision: Decision<T>, author: Author, moment: Moment): Decision<T> {
  demandLawful(view, decision.events, author, moment);
  const ended = endedTrust(view, decision.events);
  const added = [
    ...ended,
    ...standingEvents(view, decision.events, author, moment),
    ...logEvents(view, [...decision.events, ...ended], author, moment),
  ];
  return added.length === 0 ? decision : { ...decision, events: [...decision.events, ...added] };
}

/**
 * The only ways in which the engine reads and changes state: it never gets the store's own `read` and `commit`. A look or
 * decision that needs the check of a schema runs again once the check is made.
 */
export function guardStore(store: Store, deps: Deps): Pick<House, 'read' | 'commit'> {
  return {
    read(look) {
      const { moment, restart } = drawMoment(deps, store.holder);
      return withChecks(() =>
        store.read((view) => {
          restart();
          return look(view, moment);
        }),
      );
    },
    commit(author, decide) {
      const { moment, restart } = drawMoment(deps, store.holder);
      return withChecks(() =>
        store.commit(author, (view) => {
          restart();
          return sealed(view, decide(view, moment), author, moment);
        }),
      );
    },
  };
}

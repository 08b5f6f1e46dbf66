import type { Author } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import type { View } from '../../domain/state/view.ts';
import type { Decision, Store } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { drawMoment, type Moment } from '../base/moment.ts';
import { logEvents } from './decision-log.ts';
import { demandLawful } from './lock.ts';

/** A decision as it is written: held against the lock, and told in the decision log. */
function sealed<T>(view: View, decision: Decision<T>, author: Author, moment: Moment): Decision<T> {
  demandLawful(view, decision.events, moment);
  const logged = logEvents(view, decision.events, author, moment);
  return logged.length === 0 ? decision : { ...decision, events: [...decision.events, ...logged] };
}

/** The ways to look at state and to change it. There is no other: the engine never sees the store's own. */
export function guardStore(store: Store, deps: Deps): Pick<House, 'read' | 'commit'> {
  return {
    read(look) {
      const { moment, restart } = drawMoment(deps, store.holder);
      return store.read((view) => {
        restart();
        return look(view, moment);
      });
    },
    commit(author, decide) {
      const { moment, restart } = drawMoment(deps, store.holder);
      return store.commit(author, (view) => {
        restart();
        return sealed(view, decide(view, moment), author, moment);
      });
    },
  };
}

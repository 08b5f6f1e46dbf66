import type { Member, Person } from '../../domain/base/author.ts';
import type { View } from '../../domain/state/view.ts';
import { shownEntries } from '../../domain/visibility/hidden-entries.ts';
import { limitView } from '../../domain/visibility/limited-view.ts';
import type { House } from './house.ts';

/**
 * The store, whose look at the past tells of others' agents no more than the view of today. Each function is named, so that
 * a new one doesn't compile before somebody says whether it tells of agents.
 */
function limitedStore({ store, read }: House, limited: (view: View) => View): House['store'] {
  const { holder, calls, find, places, prepare, changes, remember, renew, settle, keep, recall, take } = store;
  const { secret, outbox, tokens, forget, check, audit, close, oneCall } = store;
  return {
    ...{ holder, calls, find, places, prepare, changes, remember, renew, settle, keep, recall, take },
    ...{ secret, outbox, tokens, forget, check, audit, close, oneCall },
    async asOf(wanted) {
      const found = await store.asOf(wanted);
      return read((whole) => {
        const { shows } = limited(whole);
        return found.map((was) => {
          if (!was) return undefined;
          const { events, notes } = was.activity;
          return {
            ...was,
            activity: { events, notes: notes.filter(({ agent_id }) => shows(agent_id)) },
            ledger: shownEntries(was.ledger, shows),
          };
        });
      });
    },
  };
}

function limitedTo(house: House, member: Member): House {
  const limited = (view: View) => limitView(view, member);
  const { deps, toolServers, runs, attempts, looks, facts, ended } = house;
  return {
    whole: house,
    read: (look) => house.read((view, moment) => look(limited(view), moment)),
    commit: (author, decide) => house.commit(author, (view, moment) => decide(limited(view), moment)),
    store: limitedStore(house, limited),
    ...{ deps, toolServers, runs, attempts, looks, facts, ended },
    get isReadOnly() {
      return house.isReadOnly;
    },
    get ending() {
      return house.ending;
    },
    get executing() {
      return house.executing;
    },
    set executing(round) {
      house.executing = round;
    },
    end: house.end,
  };
}

/**
 * The house as one person sees it: what their calls read, list, complete, count and decide on is limited to the agents that
 * they see (`domain/agents/audience.ts`). The lock, the decision log, and all that the product does by itself work on the
 * whole. For the home's owner over stdio or in the terminal it is the house itself.
 */
export function limitedHouse(house: House, { member }: Pick<Person, 'member'>): House {
  return member === undefined ? house : limitedTo(house.whole, member);
}

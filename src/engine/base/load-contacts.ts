import type { View } from '../../domain/state/view.ts';
import { Slices } from '../../store/turns.ts';
import type { House } from './house.ts';

/** What a look at contacts may need of each: where it is kept, its fields, what it did, what was proposed for it. */
export type ContactNeed = 'key' | 'fields' | 'activity' | 'ledger';

type Loader = { atOnce: number; load: (view: View, ids: readonly string[]) => void };

/** Contacts of a run mostly lie together, so that one look loads one document or two; their keys lie anywhere. */
const LOADERS: Readonly<Record<ContactNeed, Loader>> = {
  key: {
    atOnce: 5,
    load: (view, ids) => {
      for (const id of ids) view.hasContact(id);
    },
  },
  fields: {
    atOnce: 50,
    load: (view, ids) => {
      for (const id of ids) view.contact(id);
    },
  },
  activity: { atOnce: 250, load: (view, activity) => view.want({ activity }) },
  ledger: { atOnce: 250, load: (view, ledger) => view.want({ ledger }) },
};

/**
 * Has the store load what a look or a decision needs of many contacts, some at a time, letting other calls in between. A
 * look that loads all of it in one go would hold them up for long.
 */
export async function loadContacts(
  { read }: House,
  ids: readonly string[],
  needs: readonly ContactNeed[],
): Promise<void> {
  const slices = new Slices();
  for (const need of needs) {
    const { atOnce, load } = LOADERS[need];
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce);
      await read((view) => load(view, some));
      if (slices.isDue) await slices.next();
    }
  }
}

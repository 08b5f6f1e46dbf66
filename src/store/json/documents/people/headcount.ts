import type { Stored } from '../../../documents/stored.ts';

/** How many contacts came and are still there, by where they are kept. */
export type Headcount = Map<string, number>;

/** What a commit changes of the counts, or what they are in all. */
export type CountChange = { of: 'commit' | 'all'; counts: readonly (readonly [place: string, count: number])[] };

/** The document `contacts`: it gives totals, and where a page begins, without a look at any contact. */
export const headcount: Stored<Headcount, [string, number][], CountChange> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.of === 'all') state.clear();
    for (const [place, count] of event.counts) {
      const sum = (state.get(place) ?? 0) + count;
      if (sum > 0) state.set(place, sum);
      else state.delete(place);
    }
  },
  dump: (state) => [...state],
  load: (data) => new Map(data),
};

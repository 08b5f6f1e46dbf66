import type { Mark, Stored } from './slot.ts';

/** A commit that touched, or ended, one document of a family. */
export type Membership = { id: string; n: number; isGone: boolean };

/** Which documents a family has, and what touched each: the same as `Touched`, for what may be many. */
export const members: Stored<Map<string, Mark>, [id: string, first: number, last: number][], Membership> = {
  empty: () => new Map(),
  fold(state, { id, n, isGone }) {
    if (isGone) state.delete(id);
    else state.set(id, { first: state.get(id)?.first ?? n, last: n });
  },
  dump: (state) => [...state].map(([id, { first, last }]) => [id, first, last]),
  load: (data) => new Map(data.map(([id, first, last]) => [id, { first, last }])),
};

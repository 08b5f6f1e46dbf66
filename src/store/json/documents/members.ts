import { fromRow, type Mark, type MarkRow, marked, type Stored, toRow } from './slot.ts';

/** A commit that touched one document of a family, ended it, or made it forget someone. */
export type Membership = { id: string; n: number; isGone: boolean; isErasure: boolean };

/** Which documents a family has, and what touched each: the same as `Touched`, for what may be many. */
export const members: Stored<Map<string, Mark>, MarkRow[], Membership> = {
  empty: () => new Map(),
  fold(state, { id, n, isGone, isErasure }) {
    if (isGone) state.delete(id);
    else state.set(id, marked(state.get(id), n, isErasure));
  },
  dump: (state) => [...state].map(([id, mark]) => toRow(id, mark)),
  load: (data) => new Map(data.map(fromRow)),
};

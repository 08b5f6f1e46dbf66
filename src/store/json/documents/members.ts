import type { Stored } from '../../documents/stored.ts';
import { fromRow, type Mark, type MarkRow, marked, toRow } from '../snapshots/slot.ts';

/**
 * A commit that touched a document of a family. `isGone`: it deleted the document. `isErasure`: it erased a person from
 * the document.
 */
export type Membership = { id: string; n: number; isGone: boolean; isErasure: boolean };

/**
 * Which documents a family has, and which commits touched each. A family may be large, so `Touched` doesn't hold this.
 */
export const members: Stored<Map<string, Mark>, MarkRow[], Membership> = {
  empty: () => new Map(),
  fold(state, { id, n, isGone, isErasure }) {
    if (isGone) state.delete(id);
    else state.set(id, marked(state.get(id), n, isErasure));
  },
  dump: (state) => [...state].map(([id, mark]) => toRow(id, mark)),
  load: (data) => new Map(data.map(fromRow)),
};

import type { Event } from '../../../domain/state/events.ts';
import { changesKind } from '../../../domain/state/fold-changes.ts';
import type { ChangeBook, KeptChange, Standing } from '../../../domain/state/kept-change.ts';
import type { Stored } from './slot.ts';

type ChangesData = { standings: [agentId: string, standing: Standing][]; waiting: KeptChange[] };

/** The permissions to act unasked and the changes that wait, as one document. */
export const changeBook: Stored<ChangeBook, ChangesData, Event> = {
  ...changesKind,
  dump: (state) => ({ standings: [...state.standings], waiting: [...state.waiting.values()] }),
  load: (data) => ({
    standings: new Map(data.standings),
    waiting: new Map(data.waiting.map((change) => [change.id, change])),
  }),
};

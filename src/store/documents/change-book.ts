import type { Event } from '../../domain/state/events.ts';
import { changesKind } from '../../domain/state/fold-changes.ts';
import type { ChangeBook, KeptChange, Standing } from '../../domain/state/kept-change.ts';
import type { Stored } from './stored.ts';

type ChangesData = {
  standings: [agentId: string, standing: Standing][];
  waiting: KeptChange[];
  permits: [source: string, until: string][];
};

/** The permissions to act unasked, the changes that wait and the imports that a person allowed, as one document. */
export const changeBook: Stored<ChangeBook, ChangesData, Event> = {
  ...changesKind,
  dump: (state) => ({
    standings: [...state.standings],
    waiting: [...state.waiting.values()],
    permits: [...state.permits],
  }),
  load: (data) => ({
    standings: new Map(data.standings),
    waiting: new Map(data.waiting.map((change) => [change.id, change])),
    permits: new Map(data.permits),
  }),
};

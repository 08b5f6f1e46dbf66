import type { Erasure } from '../../domain/state/erasure.ts';
import type { Event } from '../../domain/state/events.ts';
import { erasuresKind } from '../../domain/state/fold-erasures.ts';
import type { Erasures } from '../../domain/state/state.ts';
import type { Stored } from './stored.ts';

type ErasuresData = Omit<Erasures, 'pending' | 'segments'> & {
  pending: Erasure[];
  segments: [first: number, sha256: string][];
};

/** Deleted contacts that earlier commits still name. */
export const erasures: Stored<Erasures, ErasuresData, Event> = {
  ...erasuresKind,
  dump: (state) => ({ ...state, pending: [...state.pending.values()], segments: [...state.segments] }),
  load: (data) => ({
    ...data,
    pending: new Map(data.pending.map((erasure) => [erasure.stand_in, erasure])),
    segments: new Map(data.segments),
  }),
};

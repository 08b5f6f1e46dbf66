import type { View } from '../../../domain/state/view.ts';
import type { Tuning } from '../log/tuning.ts';

/** What the documents need to know of their store. */
export type StoreTerms = { tuning: Tuning } & Pick<View, 'isAlive' | 'hasLeft'>;

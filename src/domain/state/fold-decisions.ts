import { type DecisionEntry, type DecisionHead, NO_DECISIONS, redacted } from '../decisions/decision.ts';
import type { Kind } from './fold.ts';

export const decisionHeadKind: Kind<DecisionHead> = {
  empty: () => ({ ...NO_DECISIONS }),
  fold(state, event) {
    const newest = event.type === 'decisions_recorded' ? event.entries.at(-1) : undefined;
    if (!newest) return;
    state.seq = newest.seq;
    state.hash = newest.hash;
  },
};

/** One document of the decision log: the entries with the same `chunkOf`. */
export const decisionsKind: Kind<DecisionEntry[]> = {
  empty: () => [],
  fold(state, event) {
    if (event.type === 'decisions_recorded') state.push(...event.entries);
    if (event.type === 'decisions_redacted') {
      const seqs = new Set(event.seqs);
      for (const [index, entry] of state.entries()) if (seqs.has(entry.seq)) state[index] = redacted(entry);
    }
  },
};

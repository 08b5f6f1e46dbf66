import type { KeptObjection } from '../contacts/kept-objections.ts';
import type { Kind } from './fold.ts';
import type { Erasures } from './state.ts';

/** The salt is the home's one: who writes the event takes the one that is there. */
function keep(state: Erasures, kept: readonly KeptObjection[]): void {
  const [first] = kept;
  if (!first) return;
  const added = Object.fromEntries(kept.map(({ digest, flags }) => [digest, flags]));
  state.objections = { salt: first.salt, digests: { ...state.objections?.digests, ...added } };
}

export const erasuresKind: Kind<Erasures> = {
  empty: () => ({ pending: new Map(), segments: new Map() }),
  fold(state, event) {
    if (event.type === 'contact_deleted' && event.stand_in !== undefined) {
      const { contact_id, stand_in, thread_ids = [] } = event;
      state.pending.set(stand_in, { contact_id, stand_in, thread_ids });
    }
    if (event.type === 'contact_deleted' && event.objected) keep(state, [event.objected]);
    if (event.type === 'objections_kept') keep(state, event.kept);
    if (event.type === 'objections_lifted' && state.objections) {
      const kept = Object.entries(state.objections.digests).filter(([digest]) => !event.digests.includes(digest));
      state.objections = { ...state.objections, digests: Object.fromEntries(kept) };
    }
    if (event.type === 'history_claimed') {
      state.holder = event.holder;
      delete state.isHolderOfBefore;
    }
    if (event.type === 'history_rewritten') {
      for (const standIn of event.stand_ins) state.pending.delete(standIn);
      for (const [first, sha256] of event.segments ?? []) state.segments.set(first, sha256);
      delete state.holder;
      delete state.isHolderOfBefore;
    }
    if (event.type === 'old_lines_bound') state.isBound = true;
    if (event.type === 'home_raised') {
      state.before = event.lines.map(([n]) => n);
      if (state.holder !== undefined) state.isHolderOfBefore = true;
    }
  },
};

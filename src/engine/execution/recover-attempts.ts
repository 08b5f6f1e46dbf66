import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import { type OpenAction, refKey } from '../../domain/state/state.ts';
import { findAction } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { changed, changing } from '../base/open-changes.ts';

/** Nobody works on an attempt: its process died, or this one lost it to a failed write. */
function isAbandoned(house: House, item: OpenAction): boolean {
  if (item.holder === house.store.holder) return !house.attempts.has(refKey(item));
  return item.holder === undefined || !house.store.isAlive(item.holder);
}

/** What a dead process left `executing` can't be known: a person settles it. */
async function markUnknown(house: House): Promise<void> {
  const { store, deps } = house;
  await store.commit(PRODUCT, (view) => {
    const changes: ActionChange[] = [];
    const at = deps.now().toISOString();
    for (const item of view.desk().open.values()) {
      if (item.status !== 'executing' || !isAbandoned(house, item)) continue;
      const attempted = findAction(view, item)?.attempted_at ?? 'an unknown time';
      const error = {
        code: 'INTERNAL',
        message: `The process that attempted this at ${attempted} ended before it wrote the outcome. Check whether it happened, then use settle_action.`,
      };
      changes.push({ ...changing(view, item, at), to: 'unknown', set: { error } });
    }
    return { events: changed(changes), value: undefined };
  });
}

/** Turns attempts of dead processes into `unknown`, where there are any. */
export async function recoverAttempts(house: House): Promise<void> {
  const isLeft = await house.store.read((view) => {
    const desk = view.desk();
    if (![...desk.waiting.values()].some((run) => run.executing > 0)) return false;
    return [...desk.open.values()].some((item) => item.status === 'executing' && isAbandoned(house, item));
  });
  if (isLeft) await markUnknown(house);
}

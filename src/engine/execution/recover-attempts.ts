import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import { type OpenAction, refKey } from '../../domain/state/state.ts';
import { findAction } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { changeEvents, changing } from '../base/open-changes.ts';

/** An attempt that no process works on any more, and when it began. */
type Abandoned = { item: OpenAction; attempted_at: string | undefined };

/**
 * Attempts of dead processes, and attempts of this process whose outcome could not be written. This process puts an
 * attempt into `house.attempts` before it claims the action: an attempt of its own that isn't there is over.
 */
async function findAbandoned(house: House): Promise<Abandoned[]> {
  const found = await house.read((view, { holder: self }) =>
    view
      .open({ statuses: ['executing'] })
      .filter(({ holder }) => holder === undefined || holder === self || !view.isAlive(holder))
      .map((item) => ({ item, attempted_at: findAction(view, item)?.attempted_at })),
  );
  const isOurs = ({ holder }: OpenAction) => holder === house.store.holder;
  return found.filter(({ item }) => !isOurs(item) || !house.attempts.has(refKey(item)));
}

/** Turns abandoned attempts into `unknown`: Countersign can't know their outcome, so a person settles it. */
export async function recoverAttempts({ whole: house }: House): Promise<void> {
  const abandoned = await findAbandoned(house);
  if (abandoned.length === 0) return;
  await house.commit(PRODUCT, (view, { at }) => {
    const changes = abandoned.flatMap(({ item, attempted_at }): ActionChange[] => {
      const action = findAction(view, item);
      if (action?.status !== 'executing' || action.attempted_at !== attempted_at) return [];
      const error = {
        code: 'INTERNAL',
        message: `The process that attempted this at ${attempted_at ?? 'an unknown time'} ended before it wrote the outcome. Check whether it happened, then use settle_action.`,
      };
      return [{ ...changing(view, item, at), to: 'unknown', set: { error } }];
    });
    return { events: changeEvents(changes), value: undefined };
  });
}

import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { House } from '../base/house.ts';
import { changeEvents, changing } from '../base/open-changes.ts';

/** Marks expired actions before a read. A failed write is only logged, because reading works without it. */
export async function expireBeforeReading(house: House): Promise<void> {
  try {
    await expireDue(house);
  } catch (error) {
    house.deps.log.warn({ error: String(error) }, 'actions past their time limit could not be marked as expired');
  }
}

/** Turns pending actions past their time limit into `expired`, which is a status of its own and no rejection. */
export async function expireDue({ whole: house }: House): Promise<void> {
  const isDue = await house.read((view, { at }) =>
    [...view.waiting().values()].some((run) => run.expires_from !== undefined && run.expires_from <= at),
  );
  if (!isDue) return;
  await house.commit(PRODUCT, (view, { at }) => {
    const changes: ActionChange[] = [];
    for (const item of view.open({ statuses: ['pending_approval'] })) {
      if (item.expires_at === undefined || item.expires_at > at) continue;
      const set = { decided_at: item.expires_at, reason: 'nobody decided in time' };
      changes.push({ ...changing(view, item, at), to: 'expired', set });
    }
    return { events: changeEvents(changes), value: undefined };
  });
}

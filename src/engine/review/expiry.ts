import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { House } from '../base/house.ts';
import { changeEvents, changing } from '../base/open-changes.ts';

/** The same before reading, which goes on where nothing can be written. */
export async function expireBeforeReading(house: House): Promise<void> {
  try {
    await expireDue(house);
  } catch (error) {
    house.deps.log.warn({ error: String(error) }, 'expired actions could not be written as such');
  }
}

/** Turns what waited past its time into `expired`: its own state, not a rejection. */
export async function expireDue(house: House): Promise<void> {
  const at = house.deps.now().toISOString();
  const isDue = await house.read((view) =>
    [...view.waiting().values()].some((run) => run.expires_from !== undefined && run.expires_from <= at),
  );
  if (!isDue) return;
  await house.commit(PRODUCT, (view) => {
    const changes: ActionChange[] = [];
    for (const item of view.open({ statuses: ['pending_approval'] })) {
      if (item.expires_at === undefined || item.expires_at > at) continue;
      const set = { decided_at: item.expires_at, reason: 'nobody decided in time' };
      changes.push({ ...changing(view, item, at), to: 'expired', set });
    }
    return { events: changeEvents(changes), value: undefined };
  });
}

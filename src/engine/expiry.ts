import { PRODUCT } from '../domain/author.ts';
import type { ActionChange } from '../domain/events.ts';
import type { House } from './house.ts';

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
  const isDue = await house.store.read((view) =>
    [...view.desk().waiting.values()].some((run) => run.expires_from !== undefined && run.expires_from <= at),
  );
  if (!isDue) return;
  await house.store.commit(PRODUCT, (view) => {
    const changes: ActionChange[] = [];
    for (const item of view.desk().open.values()) {
      if (item.status !== 'pending_approval' || item.expires_at === undefined || item.expires_at > at) continue;
      const { run_id, contact_id, action_index, agent_id, expires_at } = item;
      changes.push({
        run_id,
        contact_id,
        action_index,
        agent_id,
        from: 'pending_approval',
        to: 'expired',
        auto_approved: false,
        at,
        set: { decided_at: expires_at, reason: 'nobody decided in time' },
      });
    }
    return { events: changes.length > 0 ? [{ type: 'actions_changed', changes }] : [], value: undefined };
  });
}

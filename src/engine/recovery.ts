import { PRODUCT } from '../domain/author.ts';
import type { ActionChange } from '../domain/events.ts';
import { type OpenAction, refKey } from '../domain/state.ts';
import { forgetDeleted } from './delete-contact.ts';
import { startAttempts } from './execution.ts';
import { expireDue } from './expiry.ts';
import type { House } from './house.ts';
import { changed, changing } from './open-changes.ts';
import { findAction } from './own-effects.ts';
import { startRun } from './run-loop.ts';

const EVERY_MS = 5_000;

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

/** Says what became of what dead processes left, and of what nobody decided: attempts are `unknown`, time runs out. */
async function takeStock(house: House): Promise<void> {
  await recoverAttempts(house);
  await expireDue(house);
}

/** Takes over what dead processes left: attempts become `unknown`, runs go on, approved actions are executed, erasures ended. */
export async function recover(house: House): Promise<void> {
  const { store } = house;
  const { unfinished, waiting } = await store.read((view) => ({
    unfinished: [...view.desk().unfinished.values()],
    waiting: [...view.desk().waiting.values()],
  }));
  const isDead = (run: { run_id: string; holder?: string }) =>
    run.holder === store.holder ? !house.runs.has(run.run_id) : run.holder === undefined || !store.isAlive(run.holder);
  await takeStock(house);
  for (const run of unfinished) {
    const isBusy = unfinished.some(
      (other) =>
        other.agent_id === run.agent_id &&
        (other.status === 'awaiting_evaluation' || (other.status === 'running' && !isDead(other))),
    );
    if (run.status === 'running' ? isDead(run) : run.status === 'queued' && !isBusy) startRun(house, run.run_id);
  }
  if (waiting.some((run) => run.approved > 0)) startAttempts(house);
  await forgetDeleted(house);
}

/**
 * Recovers now and every few seconds, without keeping the process alive; one that begins nothing only takes stock. Gives
 * back how to stop.
 */
export function keepRecovering(house: House, begins: boolean): () => void {
  const once = () => {
    const recovered = begins ? recover(house) : takeStock(house);
    recovered.catch((error: unknown) => house.deps.log.warn({ error: String(error) }, 'recovery has to wait'));
  };
  once();
  const timer = setInterval(once, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

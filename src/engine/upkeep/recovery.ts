import type { UnfinishedRun } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { forgetDeleted } from '../contacts/delete-contact.ts';
import { startAttempts } from '../execution/attempt.ts';
import { recoverAttempts } from '../execution/recover-attempts.ts';
import { expireDue } from '../review/expiry.ts';
import { startRun } from '../runs/run-loop.ts';

const EVERY_MS = 5_000;

/** Says what became of what dead processes left, and of what nobody decided: attempts are `unknown`, time runs out. */
async function takeStock(house: House): Promise<void> {
  await recoverAttempts(house);
  await expireDue(house);
}

/** Takes over what dead processes left: attempts become `unknown`, runs go on, approved actions are executed, erasures ended. */
export async function recover(house: House): Promise<void> {
  const { unfinished, dead, approved } = await house.read((view, { holder: self }) => {
    const runs = view.unfinished();
    const isDead = ({ holder }: UnfinishedRun) => holder === undefined || (holder !== self && !view.isAlive(holder));
    return {
      unfinished: runs,
      dead: new Set(runs.filter(isDead).map((run) => run.run_id)),
      approved: [...view.waiting().values()].some((run) => run.approved > 0),
    };
  });
  const isDead = ({ run_id, holder }: UnfinishedRun) =>
    holder === house.store.holder ? !house.runs.has(run_id) : dead.has(run_id);
  await takeStock(house);
  for (const run of unfinished) {
    const isBusy = unfinished.some(
      (other) =>
        other.agent_id === run.agent_id &&
        (other.status === 'awaiting_evaluation' || (other.status === 'running' && !isDead(other))),
    );
    if (run.status === 'running' ? isDead(run) : run.status === 'queued' && !isBusy) startRun(house, run.run_id);
  }
  if (approved) startAttempts(house);
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

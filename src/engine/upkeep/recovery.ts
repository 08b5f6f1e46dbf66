import type { House } from '../base/house.ts';
import { askForOldGrants } from '../changes/old-grants.ts';
import { forgetDeleted } from '../contacts/delete-contact.ts';
import { startAttempts } from '../execution/attempt.ts';
import { recoverAttempts } from '../execution/recover-attempts.ts';
import { expireDue } from '../review/expiry.ts';
import { runsToRevise, startRevisions } from '../runs/revision-work.ts';
import { partakersOf } from '../runs/sharing.ts';
import { keepHelping, takeUpRuns } from './helping.ts';

const EVERY_MS = 5_000;

/**
 * Marks the attempts of dead processes as `unknown`, and actions past their time limit as `expired`, and asks for the
 * permissions that agents of an earlier edition acted by.
 */
async function markAbandoned(house: House): Promise<void> {
  await recoverAttempts(house);
  await expireDue(house);
  await askForOldGrants(house);
}

/** Erases what is left of deleted contacts, on this machine also what other processes have erased. */
async function eraseLeft(house: House): Promise<void> {
  await forgetDeleted(house);
  await house.deps.outbox.tidy?.();
}

/**
 * Takes over what dead processes left: their attempts become `unknown`, their runs and revisions go on, actions that
 * they approved are executed, and their erasures are completed.
 */
export async function recover(house: House): Promise<void> {
  const { approved, toRevise, isBraked, isHolding } = await house.read((view, { holder: self }) => {
    const runs = view.unfinished();
    return {
      toRevise: runsToRevise(view, self),
      approved: [...view.waiting().values()].some((run) => run.approved > 0),
      isBraked: view.brake().on,
      isHolding:
        runs.some((run) => partakersOf(run).includes(self)) ||
        view.open({ statuses: ['approved'] }).some(({ holder }) => holder === self),
    };
  });
  await markAbandoned(house);
  if (isBraked) {
    // What this process holds stays its own while the brake is on: others may lack its keys.
    if (isHolding) await house.store.renew();
    await eraseLeft(house);
    return;
  }
  await takeUpRuns(house);
  for (const runId of toRevise) void startRevisions(house, runId);
  if (approved) startAttempts(house);
  await eraseLeft(house);
}

/** Goes on, in the background, with what waited for the brake to go off. Other processes notice within seconds. */
export function resumeWork(house: House): void {
  recover(house).catch((error: unknown) =>
    house.deps.log.warn({ error: String(error) }, 'work could not go on at once; it is tried again'),
  );
}

/**
 * Recovers now and every few seconds, without keeping the process alive. With `begins` false it only marks what was
 * abandoned, and begins no run and no attempt. `isCalled`: others may call this process to their runs. Gives the function that
 * stops it.
 */
export function keepRecovering(house: House, begins: boolean, isCalled: boolean): () => void {
  const once = () => {
    const recovered = begins ? recover(house) : markAbandoned(house);
    recovered.catch((error: unknown) =>
      house.deps.log.warn({ error: String(error) }, 'recovery failed; it is tried again'),
    );
  };
  once();
  const timer = setInterval(once, EVERY_MS);
  timer.unref();
  const stopHelping = begins && house.store.calls ? keepHelping(house, isCalled) : undefined;
  return () => {
    clearInterval(timer);
    stopHelping?.();
  };
}

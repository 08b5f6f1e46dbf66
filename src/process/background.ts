import type { Deps } from '../domain/base/deps.ts';
import type { House } from '../engine/base/house.ts';
import { keepReadingMail } from '../engine/upkeep/mail.ts';
import { keepNotifying } from '../engine/upkeep/notices.ts';
import { keepRecovering } from '../engine/upkeep/recovery.ts';
import { keepFiring } from '../engine/upkeep/schedule.ts';

/** Recovery and schedules begin so late that whoever started the process has its first answers by then. */
const BACKGROUND_AFTER_MS = 300;

/**
 * Begins what a process does by itself: recovery, schedules, looks into mailboxes. A read-only process begins none of that:
 * no attempt, no run, no schedule. `isCalled`: others may call this process to their runs. Gives the function that stops it.
 */
export function keepWorking(house: House, isCalled = false): () => void {
  const stops: (() => void)[] = [];
  let isStopped = false;
  const begin = async () => {
    // Where a database's clock decides, it is known once the database has answered.
    await house.read((view) => view.commits()).catch(() => undefined);
    if (isStopped) return;
    stops.push(keepRecovering(house, !house.isReadOnly, isCalled));
    if (!house.isReadOnly) stops.push(keepFiring(house), keepReadingMail(house), keepNotifying(house));
  };
  const begins = setTimeout(begin, BACKGROUND_AFTER_MS);
  begins.unref();
  return () => {
    isStopped = true;
    clearTimeout(begins);
    for (const stop of stops) stop();
  };
}

/** Calls `end` at a signal, and after an error that nothing caught. */
export function endAtSignals(end: (why: string, code: number) => void, log: Deps['log']): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal, 0));
  process.once('uncaughtException', (error) => {
    log.error({ error: error.stack ?? error.message }, 'an uncaught error');
    end('uncaught error', 1);
  });
  process.once('unhandledRejection', (error) => {
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'an unhandled rejection');
    end('unhandled rejection', 1);
  });
}

import type { Touched } from './documents/touched.ts';
import type { HomePaths } from './home.ts';
import { anotherLog, endMissing } from './log/faults.ts';
import type { CommitLog } from './log/log.ts';
import { holds } from './log/log-end.ts';

/**
 * Throws AppError STORE_ERROR where the snapshots were made from another log, or from more commits than the log has.
 * One commit more is allowed where the newest one can't be read: the snapshots may include it.
 */
export function demandOneHistory(
  { log: directory, state }: HomePaths,
  log: CommitLog,
  touched: Touched,
  isNewestUnread: boolean,
): void {
  // Another process may have committed and saved snapshots while this one opened the log.
  if (touched.n > log.n) log.catchUp();
  const most = isNewestUnread ? log.n + 1 : log.n;
  if (touched.n > most) throw endMissing(directory, state, log.n, touched.n);
  if (touched.end && touched.n <= log.n && !holds(directory, touched.end))
    throw anotherLog(directory, state, touched.end.n);
}

import type { Touched } from './documents/touched.ts';
import type { HomePaths } from './home.ts';
import { anotherLog, endMissing } from './log/faults.ts';
import type { CommitLog } from './log/log.ts';
import { holds } from './log/log-end.ts';

/** Snapshots come from this log, as it is or as it was; a newest commit that can't be read may have been in them. */
export function demandOneHistory(
  { log: directory, state }: HomePaths,
  log: CommitLog,
  touched: Touched,
  isNewestUnread: boolean,
): void {
  // Another process may have committed and saved between the two readings.
  if (touched.n > log.n) log.catchUp();
  const most = isNewestUnread ? log.n + 1 : log.n;
  if (touched.n > most) throw endMissing(directory, state, log.n, touched.n);
  if (touched.end && touched.n <= log.n && !holds(directory, touched.end))
    throw anotherLog(directory, state, touched.end.n);
}

import fs from 'node:fs';
import { storeError } from '../../files/durable.ts';
import type { StoreReport } from '../store.ts';
import { Touched } from './documents/touched.ts';
import { demandOneHistory } from './history.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { CommitLog } from './log/log.ts';
import { Rewrites } from './log/rewrites.ts';
import { walkLog } from './log/walk.ts';

/**
 * Reads the log as opening does, and making all snapshots again; throws where either would be refused. Tells whether opening
 * would set a newest commit aside.
 */
function demandReadable(paths: HomePaths): boolean {
  const touched = new Touched(paths.state);
  const log = new CommitLog(paths.log);
  try {
    const isNewestUnread = log.open(touched.end) !== undefined;
    demandOneHistory(paths, log, touched, isNewestUnread);
    log.replay(1, log.n, () => undefined);
    return isNewestUnread;
  } finally {
    log.close();
  }
}

function checkLog(paths: HomePaths, report: StoreReport): void {
  const rewrites = new Rewrites();
  /** Faults that no commit has followed yet. */
  let last: string[] = [];
  for (const step of walkLog(paths.log)) {
    rewrites.take(step);
    if ('fault' in step) last.push(step.fault);
    if ('warning' in step) report.warnings.push(step.warning);
    if (!('commit' in step)) continue;
    report.commits = step.commit.n;
    report.faults.push(...last);
    last = [];
  }
  report.faults.push(...rewrites.faults);
  report.warnings.push(...rewrites.warnings);
  if (report.faults.length === 0 && demandReadable(paths))
    report.warnings.push(
      ...last.map((fault) => `${fault}; as the newest it is set aside when the home is next opened`),
    );
  else report.faults.push(...last);
}

/** Reads the whole log and says everything that is wrong with a home. Changes nothing in it but to make it. */
export function checkHome(paths: HomePaths): StoreReport {
  const report: StoreReport = { commits: 0, faults: [], warnings: [] };
  try {
    prepareHome(paths);
    checkLog(paths, report);
    if (fs.existsSync(paths.aside)) {
      for (const name of fs.readdirSync(paths.aside))
        report.warnings.push(`an unreadable newest commit was set aside: ${paths.aside}/${name}`);
    }
  } catch (error) {
    report.faults.push(storeError(error, `Checking ${paths.home}`).message);
  }
  return report;
}

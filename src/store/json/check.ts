import fs from 'node:fs';
import { storeError } from '../../files/durable.ts';
import { Rewrites } from '../log/rewrites.ts';
import type { StoreReport } from '../store.ts';
import { Touched } from './documents/touched.ts';
import { demandOneHistory } from './history.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { CommitLog } from './log/log.ts';
import { listSegments, segmentPath } from './log/segments.ts';
import { walkLog } from './log/walk.ts';

/**
 * Reads the log as opening the home and making all snapshots again would, and throws where either would be refused.
 * Returns whether opening would set an unreadable newest commit aside.
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
  /** Faults behind the last readable commit. */
  let faultsAtEnd: string[] = [];
  for (const step of walkLog(paths.log)) {
    rewrites.take(step);
    if ('fault' in step) faultsAtEnd.push(step.fault);
    if ('warning' in step) report.warnings.push(step.warning);
    if (!('commit' in step)) continue;
    report.commits = step.commit.n;
    report.faults.push(...faultsAtEnd);
    faultsAtEnd = [];
  }
  report.faults.push(...rewrites.faults);
  report.warnings.push(...rewrites.warnings);
  if (report.faults.length === 0 && demandReadable(paths))
    report.warnings.push(
      ...faultsAtEnd.map((fault) => `${fault}; as the newest it is set aside when the home is next opened`),
    );
  else report.faults.push(...faultsAtEnd);
}

function sizeOfLog(directory: string): number {
  const sizes = listSegments(directory).map((first) => fs.statSync(segmentPath(directory, first)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Reads the whole log and reports everything that is wrong with a home. Changes nothing, but creates a missing home.
 */
export function checkHome(paths: HomePaths): StoreReport {
  const report: StoreReport = { commits: 0, bytes: 0, faults: [], warnings: [] };
  try {
    prepareHome(paths);
    checkLog(paths, report);
    report.bytes = sizeOfLog(paths.log);
    if (fs.existsSync(paths.aside)) {
      for (const name of fs.readdirSync(paths.aside))
        report.warnings.push(`an unreadable newest commit was set aside: ${paths.aside}/${name}`);
    }
  } catch (error) {
    report.faults.push(storeError(error, `Checking ${paths.home}`).message);
  }
  return report;
}

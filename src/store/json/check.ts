import fs from 'node:fs';
import type { StoreReport } from '../store.ts';
import { readLine, splitLines } from './commit.ts';
import { readPlain, storeError } from './files.ts';
import { demandOneHistory } from './history.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { CommitLog } from './log.ts';
import { Rewrites } from './rewrites.ts';
import { listSegments, segmentPath } from './segments.ts';
import { Touched } from './touched.ts';
import { walkLog } from './walk.ts';

/** Reads the log as opening does, and making all snapshots again; throws where either would be refused. */
function demandReadable(paths: HomePaths): void {
  const touched = new Touched(paths.state);
  const log = new CommitLog(paths.log);
  const aside = log.open(touched.end);
  demandOneHistory(paths, log, touched, aside !== undefined);
  log.replay(1, log.n, () => undefined);
  log.close();
}

/** Reads the whole log and says everything that is wrong with a home. Changes nothing in it but to make it. */
export function checkHome(paths: HomePaths): StoreReport {
  const report: StoreReport = { home: paths.home, commits: 0, faults: [], warnings: [] };
  try {
    prepareHome(paths);
    let last = 0;
    let prev = '';
    let doubtful: string | undefined;
    for (const segment of listSegments(paths.log)) {
      const file = segmentPath(paths.log, segment);
      if (segment !== last + 1) report.faults.push(`${file} stands where commit ${last + 1} should follow`);
      const { lines, rest } = splitLines(readPlain(file));
      for (const [index, line] of lines.entries()) {
        if (line.length === 0) continue;
        const read = readLine(line);
        if (!read) {
          doubtful = `${file} line ${index + 1} can't be read`;
          continue;
        }
        if (read.commit.n <= last) continue;
        if (read.commit.n > last + 1)
          report.faults.push(`${doubtful ?? `commit ${last + 1} is missing before ${file} line ${index + 1}`}`);
        else if (read.commit.prev !== prev)
          report.faults.push(`${file} line ${index + 1}: commit ${read.commit.n} doesn't follow the one before it`);
        doubtful = undefined;
        last = read.commit.n;
        prev = read.sha;
      }
      if (rest.length > 0) doubtful = `${file} ends in a commit cut short`;
    }
    if (report.faults.length === 0) demandReadable(paths);
    if (doubtful) report.warnings.push(`${doubtful}; as the newest it is set aside when the home is next opened`);
    report.commits = last;
    const rewrites = new Rewrites();
    for (const step of walkLog(paths.log)) rewrites.take(step);
    report.faults.push(...rewrites.faults);
    report.warnings.push(...rewrites.warnings);
    if (fs.existsSync(paths.aside)) {
      for (const name of fs.readdirSync(paths.aside))
        report.warnings.push(`an unreadable newest commit was set aside: ${paths.aside}/${name}`);
    }
  } catch (error) {
    report.faults.push(storeError(error, `Checking ${paths.home}`).message);
  }
  return report;
}

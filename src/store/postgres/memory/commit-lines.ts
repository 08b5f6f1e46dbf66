import { AppError } from '../../../domain/base/errors.ts';
import { type ReadCommit, readLine } from '../../log/commit.ts';

export function damagedCommit(n: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `Commit ${n} in the database is missing or was altered. Nothing was changed. Restore the database from a backup; \`countersign doctor\` lists every fault.`,
    { commit: n },
  );
}

/** Reads a line of the log as the database has it. Throws AppError STORE_ERROR where it isn't a whole, undamaged commit. */
export function readCommitLine(line: string): ReadCommit {
  const read = readLine(Buffer.from(line), line);
  if (!read) throw damagedCommit(Number(/^\{"n":(\d{1,15}),/.exec(line)?.[1] ?? 0));
  return read;
}

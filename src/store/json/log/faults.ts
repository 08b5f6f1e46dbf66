import { AppError } from '../../../domain/base/errors.ts';

/** A file of the log was rewritten to forget a person: what this process read of the home is to be read again. */
export class Rewritten extends Error {}

/** A commit is gone although newer ones follow. */
export function damaged(n: number, file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log is damaged: commit ${n} is missing or unreadable in ${file}, although newer ones follow. Nothing was changed. Restore that file from a backup; \`countersign doctor\` lists every fault.`,
    { file, commit: n },
  );
}

/** More than the newest commit can't be read. */
export function damagedEnd(n: number, file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log is damaged: commit ${n} can't be read in ${file}, and more than that stands behind it. Only the newest commit, cut short, can be set aside. Nothing was changed. Restore that file from a backup; \`countersign doctor\` lists every fault.`,
    { file, commit: n },
  );
}

/** A whole commit that this version can't make sense of. */
export function notUnderstood(n: number, file: string, why: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `Commit ${n} in ${file} says what this version doesn't understand (${why}): a newer Countersign wrote it, or someone altered it. Nothing was changed. Update Countersign, or restore that file from a backup; \`countersign doctor\` checks the rest.`,
    { file, commit: n },
  );
}

/** The log ends before what snapshots know of. */
export function endMissing(log: string, state: string, n: number, known: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log in ${log} ends at commit ${n}, but the snapshots in ${state} know of commit ${known}: log files are missing or were emptied. Nothing was changed. Restore them from a backup; \`countersign doctor\` lists every fault.`,
    { file: log, commit: n + 1 },
  );
}

/** The snapshots stand for another log. */
export function anotherLog(log: string, state: string, known: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `The snapshots in ${state} were not made from the log in ${log}: commit ${known} is another there, or damaged. Nothing was changed. \`countersign doctor\` checks the log; if that is whole, move ${state} away, and it is made again.`,
    { file: state, commit: known },
  );
}

/** Someone else replaced, cut or removed a file of the log. */
export function replaced(file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log file ${file} was replaced, cut or removed while Countersign used it. Nothing was written to it. Call again to open it afresh; \`countersign doctor\` checks what is left.`,
    { file },
  );
}

import { AppError } from '../../../domain/base/errors.ts';

/**
 * Thrown where an erasure has rewritten a log file that this process had open. The process then reads the home again,
 * because its memory may hold the erased person.
 */
export class Rewritten extends Error {}

/** An older commit is missing or damaged: newer ones follow it. */
export function damaged(n: number, file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log is damaged: commit ${n} is missing or unreadable in ${file}, although newer ones follow. Nothing was changed. Restore that file from a backup; \`countersign doctor\` lists every fault.`,
    { file, commit: n },
  );
}

/** The end of the log is damaged beyond its newest commit. */
export function damagedEnd(n: number, file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log is damaged: commit ${n} can't be read in ${file}, and more than one commit is affected. Only the newest commit, cut short, can be set aside. Nothing was changed. Restore that file from a backup; \`countersign doctor\` lists every fault.`,
    { file, commit: n },
  );
}

/** A commit is whole, but this version can't process it. */
export function notUnderstood(n: number, file: string, why: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `Commit ${n} in ${file} holds something that this version doesn't understand (${why}): a newer Countersign wrote it, or someone altered it. Nothing was changed. Update Countersign, or restore that file from a backup; \`countersign doctor\` checks the rest.`,
    { file, commit: n },
  );
}

/** The log ends before the newest commit that the snapshots include. */
export function endMissing(log: string, state: string, n: number, known: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log in ${log} ends at commit ${n}, but the snapshots in ${state} know of commit ${known}: log files are missing or were emptied. Nothing was changed. Restore them from a backup; \`countersign doctor\` lists every fault.`,
    { file: log, commit: n + 1 },
  );
}

/** The snapshots were made from another log. */
export function anotherLog(log: string, state: string, known: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `The snapshots in ${state} were not made from the log in ${log}: commit ${known} differs there, or is damaged. Nothing was changed. \`countersign doctor\` checks the log; if the log is whole, move ${state} away, and Countersign makes the snapshots again.`,
    { file: state, commit: known },
  );
}

/** Another program replaced, cut or removed a log file. */
export function replaced(file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log file ${file} was replaced, cut or removed while Countersign used it. Nothing was written to it. Call again to open it afresh; \`countersign doctor\` checks what is left.`,
    { file },
  );
}

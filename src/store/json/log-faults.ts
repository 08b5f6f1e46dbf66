import { AppError } from '../../domain/errors.ts';

/** A commit is gone although newer ones follow. */
export function damaged(n: number, file: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The log is damaged: commit ${n} is missing or unreadable in ${file}, although newer ones follow. Nothing was changed. Restore that file from a backup; \`countersign doctor\` lists every fault.`,
    { file, commit: n },
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

/** The bytes were written, but the disk didn't say that they are kept. */
export function unconfirmed(code: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The disk did not confirm a write (${code}), so the change may or may not be kept. Check the disk, then read before you repeat the call.`,
  );
}

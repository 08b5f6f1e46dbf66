import { AppError } from '../../../domain/base/errors.ts';

/** A database that a newer version made is left alone. */
export function newerFormat(version: number, known: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `The database was written by a newer Countersign (format ${version}; this one knows ${known}). It was left untouched. Update Countersign.`,
  );
}

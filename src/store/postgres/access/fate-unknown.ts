import { AppError } from '../../../domain/base/errors.ts';

/** The database went away while it was to write, and didn't come back in time to say whether it has. */
export function fateUnknown(): AppError {
  return new AppError(
    'STORE_ERROR',
    'The database went away while this was written, and stays away: it may have been written or not. Once the database is back, look whether it was before you do it again.',
  );
}

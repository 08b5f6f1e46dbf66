import { AppError } from '../../../domain/base/errors.ts';
import { errorCode } from '../../../files/durable.ts';

/** The connection broke, or the database is away: the same may be tried again on another connection. */
const AWAY_CODES =
  /^(?:08\w{3}|57P0[123]|53300|ECONN\w+|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND|25P0[34])$/;
/** The database gave a statement up for the sake of another one. */
const AGAIN = /^(?:40001|40P01|55P03)$/;
const AWAY_IN_WORDS =
  /^(?:Connection terminated|timeout exceeded|Query read timeout|Client has encountered|Client was closed)/;

/** The database has no room, or takes no writes, as managed ones do before their disk is full: what to do, by its code. */
const NO_WRITES: ReadonlyMap<string, string> = new Map([
  ['53100', 'Its disk is full. Nothing was changed. Free some space there, then call again.'],
  [
    '25006',
    'It takes no writes: its disk may be full, or it is a replica. Nothing was changed. Free some space there, or name the database that takes writes, then call again.',
  ],
]);

/** Whether nobody can tell what became of a statement, because its answer was lost or the database is away. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  return AWAY_CODES.test(errorCode(error) ?? '') || AWAY_IN_WORDS.test(error.message);
}

/** Whether a statement did nothing, and may be tried again. */
export function isRivalry(error: unknown): boolean {
  return AGAIN.test(errorCode(error) ?? '');
}

/**
 * An error of the database as an AppError STORE_ERROR; any other error as it is. `doing` begins the message: "Reading". What the driver says
 * has no password in it.
 */
export function databaseError(error: unknown, doing: string, place: string): unknown {
  if (error instanceof AppError || !(error instanceof Error) || errorCode(error) === undefined) {
    if (!isDatabaseAway(error)) return error;
  }
  const why = error instanceof Error ? error.message : String(error);
  if (errorCode(error) === 'CS001')
    return new AppError(
      'STORE_ERROR',
      `This home has moved to ${why}, so that nothing is written to ${place} any more. Nothing was changed. Start Countersign with COUNTERSIGN_HOME set to that folder, and without COUNTERSIGN_DATABASE_URL.`,
    );
  if (errorCode(error) === 'CS002')
    return new AppError(
      'STORE_ERROR',
      `${place} is being filled from ${why}, and that hasn't ended. Run the same \`countersign migrate\` again to end it.`,
    );
  if (errorCode(error) === '3F000' || errorCode(error) === '42P01' || errorCode(error) === '42883')
    return new AppError(
      'STORE_ERROR',
      `${doing} failed: the database ${place} holds no home of Countersign yet, or the role may not see it. Run countersign doctor --init to make one.`,
    );
  const advice = NO_WRITES.get(errorCode(error) ?? '');
  return new AppError(
    'STORE_ERROR',
    `${doing} failed: the database ${place} says: ${why}${advice ? `. ${advice}` : ''}`,
  );
}

import type { ErrorCode } from '../domain/base/errors.ts';

/**
 * Why a request has no answer. `refused`: by the guard, without a connection, and it would be again. `not_sent`: no
 * connection came about, so nothing was sent. `unknown`: it was sent, or part of it; what came of it can't be told.
 */
export type RequestFate = 'refused' | 'not_sent' | 'unknown';

/** What the guarded fetch throws. Not an AppError: only its caller knows what an unknown fate means. */
export class RequestError extends Error {
  readonly fate: RequestFate;
  readonly code: ErrorCode;

  constructor(fate: RequestFate, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RequestError';
    this.fate = fate;
    this.code = fate === 'refused' ? 'FORBIDDEN' : 'PROVIDER_ERROR';
  }
}

/** What a failed connection says, from the innermost cause that says anything. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** The error of the guard within another, which fetch wraps it in. */
export function requestErrorIn(error: unknown): RequestError | undefined {
  if (error instanceof RequestError) return error;
  return error instanceof Error && error.cause !== undefined ? requestErrorIn(error.cause) : undefined;
}

import type { ErrorCode } from '../domain/base/errors.ts';

/**
 * Why a request has no answer. `refused`: the guard refused to connect, and would refuse again. `not_sent`: no
 * connection came about, so nothing was sent. `unknown`: the request was sent, at least in part, and nobody can tell
 * what came of it.
 */
export type RequestFate = 'refused' | 'not_sent' | 'unknown';

/** What the guarded fetch throws. It is no AppError, because only the caller knows what an unknown fate means. */
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

/** The message of the innermost cause that has one. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** The RequestError inside another error, since fetch wraps what its connection throws. */
export function requestErrorIn(error: unknown): RequestError | undefined {
  if (error instanceof RequestError) return error;
  return error instanceof Error && error.cause !== undefined ? requestErrorIn(error.cause) : undefined;
}

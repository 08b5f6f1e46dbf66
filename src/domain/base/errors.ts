/** The error codes that a client can get (contract, section 2). */
export type ErrorCode =
  | 'VALIDATION_ERROR'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'FORBIDDEN'
  | 'LIMIT_EXCEEDED'
  | 'PROVIDER_ERROR'
  | 'STORE_ERROR'
  | 'INTERNAL';

/** Maps a path (`playbook.rules[0].when`) to what is wrong there, or a fact's name (`max_rows`) to the fact. */
export type ErrorDetails = Record<string, unknown>;

/** An error that the caller is shown. The message says what failed, why, and what to do next. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, details?: ErrorDetails) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

export function invalid(message: string, details?: ErrorDetails): AppError {
  return new AppError('VALIDATION_ERROR', message, details);
}

export function conflict(message: string, details?: ErrorDetails): AppError {
  return new AppError('CONFLICT', message, details);
}

/** The lock's refusal: whoever makes such a commit should have looked before. */
export function unlawful(what: string): AppError {
  return new AppError(
    'INTERNAL',
    `Nothing was written: ${what}. This is a fault in Countersign itself: please report it.`,
  );
}

export function notFound(message: string, details?: ErrorDetails): AppError {
  return new AppError('NOT_FOUND', message, details);
}

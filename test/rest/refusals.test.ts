import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../src/domain/base/errors.ts';
import { restRefusal } from '../../src/rest/base/refusals.ts';

const statusOf = (code: ErrorCode, details?: Record<string, unknown>) =>
  restRefusal(new AppError(code, 'x', details)).status;

describe('the status of an error', () => {
  it.each([
    ['VALIDATION_ERROR', 400],
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['LIMIT_EXCEEDED', 422],
    ['PROVIDER_ERROR', 502],
    ['STORE_ERROR', 503],
    ['INTERNAL', 500],
  ] as const)('of %s is %i', (code, status) => {
    expect(statusOf(code)).toBe(status);
  });

  it('of a missing key is 409: nobody else was asked', () => {
    expect(statusOf('PROVIDER_ERROR', { 'llm_config.api_key_env': "isn't set" })).toBe(409);
    expect(statusOf('PROVIDER_ERROR', { 'connections.secret_env': 'COUNTERSIGN_SECRET' })).toBe(409);
  });
});

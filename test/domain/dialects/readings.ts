import type { AppError } from '../../../src/domain/base/errors.ts';
import { dialectFor } from '../../../src/domain/dialects/index.ts';
import { readAgent } from '../../../src/domain/dialects/mapping/body.ts';
import type { DialectName } from '../../../src/domain/dialects/mapping/dialect.ts';
import { originOf } from '../../../src/domain/dialects/mapping/origin.ts';
import { anAgent } from './bodies.ts';

export const terms = { hasIdentity: () => false };

export function read(name: DialectName, body: unknown, use: 'create' | 'document' = 'create') {
  return readAgent(dialectFor(name), body, use, terms);
}

/** The error of a body that can't be read. */
export function refusal(name: DialectName, body: unknown, use?: 'create' | 'document'): AppError {
  try {
    read(name, body, use);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('the body was read');
}

/** An agent made of a body, as REST makes it. */
export function made(name: DialectName, body: unknown) {
  const reading = read(name, body);
  return anAgent(reading.fields, { origin: originOf(dialectFor(name), reading) });
}

import { createHash } from 'node:crypto';
import { canonical } from './json.ts';

/** A short digest of a JSON value: the first 132 bits of SHA-256 over its canonical JSON, 22 base64url characters. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 22);
}

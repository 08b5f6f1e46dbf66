import { hash } from 'node:crypto';
import { canonical } from './json.ts';

/** A short digest of a JSON value: the first 132 bits of SHA-256 over its canonical JSON, 22 base64url characters. */
export function digest(value: unknown): string {
  return hash('sha256', canonical(value), 'base64url').slice(0, 22);
}

import { createHash } from 'node:crypto';
import { canonical } from './json.ts';

/** 132 bits of SHA-256 over canonical JSON, base64url: 22 characters. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 22);
}

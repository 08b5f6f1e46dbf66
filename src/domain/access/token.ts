import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ROLES, type Role, SCOPES, type Scope } from '../base/author.ts';
import { DIALECT_NAMES, type DialectName } from '../dialects/mapping/dialect.ts';

/** The scopes of a token that names none: all but approving. */
export const DEFAULT_SCOPES: readonly Scope[] = SCOPES.filter((scope) => scope !== 'agents:approve');

/**
 * A token as the home keeps it: never the token itself, but the SHA-256 of all of it, in hex. `person` is the id of whoever
 * holds it; several tokens may be one person's. Times are ISO 8601; without `expires_at` it is valid for ever.
 */
const tokenSchema = z.object({
  id: z.string().regex(/^[a-z0-9]{12}$/),
  name: z.string(),
  person: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(SCOPES)),
  role: z.enum(ROLES),
  team: z.int().positive(),
  /** The API whose routes the token finds at the bare `/v1`. */
  dialect: z.enum(DIALECT_NAMES).exactOptional(),
  created_at: z.string(),
  expires_at: z.string().exactOptional(),
  revoked_at: z.string().exactOptional(),
});
export type Token = z.infer<typeof tokenSchema>;

/** What is asked for when a token is made. */
export type TokenRequest = {
  name: string;
  person: string;
  scopes: readonly Scope[];
  role: Role;
  team: number;
  dialect?: DialectName;
  days?: number;
};

const DAY_MS = 86_400_000;
const TOKEN_FORM = /^cs_([a-z0-9]{12})_[0-9a-f]{64}$/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A new token: its text, which is shown once, and what is kept of it. */
export function makeToken(request: TokenRequest, now: Date): { text: string; token: Token } {
  const { name, person, scopes, role, team, dialect, days } = request;
  const id = [...randomBytes(12)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  const text = `cs_${id}_${randomBytes(32).toString('hex')}`;
  const token: Token = {
    ...{ id, name, person, sha256: sha256(text).toString('hex'), scopes: [...scopes], role, team },
    ...(dialect === undefined ? {} : { dialect }),
    created_at: now.toISOString(),
    ...(days === undefined ? {} : { expires_at: new Date(now.getTime() + days * DAY_MS).toISOString() }),
  };
  return { text, token };
}

/** Whether a text is a token's id: it is the name of its file, too. */
export function isTokenId(text: string): boolean {
  return /^[a-z0-9]{12}$/.test(text);
}

/** The id that a token's text names; undefined where it is no token of ours. */
export function tokenIdIn(text: string): string | undefined {
  return TOKEN_FORM.exec(text)?.[1];
}

/** Whether a text is a token's own, compared in constant time. */
export function isTokenOf(text: string, token: Token): boolean {
  return timingSafeEqual(sha256(text), Buffer.from(token.sha256, 'hex'));
}

/** Whether a token counts at a time: it isn't revoked, and its days aren't over. */
export function isInForce({ revoked_at, expires_at }: Token, now: Date): boolean {
  return revoked_at === undefined && (expires_at === undefined || now.getTime() < Date.parse(expires_at));
}

/** A token from JSON that the home keeps; undefined where it isn't one. */
export function tokenFrom(value: unknown): Token | undefined {
  const parsed = tokenSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { signedText, valueSigned } from '../../domain/access/signed-text.ts';
import { holderSchema, type Ticket } from '../../files/ticket-files.ts';

/** How long a page key is good, unless its holder's own login ends before. */
export const KEY_MS = 12 * 3_600_000;

const PURPOSE = 'desk key';
const schema = z.object({
  id: z.string(),
  until: z.number(),
  kind: z.enum(['desk', 'passkey']),
  /** Whose it is, where it is one of a team's; else the home's owner's. */
  holder: holderSchema.exactOptional(),
});

/** What a page key says. The text that carries it is signed with the home's secret, so it outlives a restart. */
export type PageKey = z.infer<typeof schema>;

/** A new page key in the place of a ticket that was redeemed. */
export function pageKeyFor({ kind, holder }: Ticket, secret: Buffer, now: number): string {
  const key: PageKey = {
    id: randomBytes(16).toString('base64url'),
    until: now + KEY_MS,
    kind,
    ...(holder ? { holder } : {}),
  };
  return signedText(PURPOSE, key, secret);
}

/** What a page key says; undefined where this home didn't sign it, or its time is over. */
export function readPageKey(text: string, secret: Buffer, now: number): PageKey | undefined {
  const { success, data } = schema.safeParse(valueSigned(PURPOSE, text, secret));
  return success && now < data.until ? data : undefined;
}

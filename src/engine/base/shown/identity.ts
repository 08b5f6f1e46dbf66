import { z } from 'zod';
import type { Identity } from '../../../domain/agents/identity.ts';
import type { FieldsOf } from './fields.ts';

/** Who emails come from. */
export function identityShape() {
  return z.strictObject({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    signature: z.string().exactOptional(),
    smtp_url_env: z.string().exactOptional(),
    reply_to: z.string().exactOptional(),
    bcc: z.string().exactOptional(),
    unsubscribe_url: z.string().exactOptional(),
    unsubscribe_mailto: z.string().exactOptional(),
    send_hours: z.string().exactOptional(),
    max_per_day: z.int().exactOptional(),
    gap_seconds: z.int().exactOptional(),
    imap_url_env: z.string().exactOptional(),
    created_by: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  } satisfies FieldsOf<Identity>);
}

/** The same in a list, with how the mailbox of each stands: when it was last read, and why it can't be read since. */
export function listedIdentityShape() {
  return identityShape().extend({
    mailbox: z
      .strictObject({ looked_at: z.string().exactOptional(), problem: z.string().exactOptional() })
      .exactOptional(),
  });
}
export type ListedIdentity = z.infer<ReturnType<typeof listedIdentityShape>>;
export type IdentityAsShown = z.infer<ReturnType<typeof identityShape>>;

/**
 * The sender of an email. `smtp_url_env` and `imap_url_env` name the environment variables that hold the URLs of the mail
 * server and of the mailbox that answers come to, or the beginning of those that hold their parts.
 */
export type Identity = {
  id: string;
  name: string;
  email: string;
  signature?: string;
  smtp_url_env?: string;
  /** Where answers go, where that isn't `email`. */
  reply_to?: string;
  /** Gets a copy of each email, and no recipient sees that. */
  bcc?: string;
  /** Where a recipient who wants no more emails goes: a page, `https:`, and an address. */
  unsubscribe_url?: string;
  unsubscribe_mailto?: string;
  /** When its emails go by SMTP: the hours, the most of a day, and the pause between two (`domain/mail/pace.ts`). */
  send_hours?: string;
  max_per_day?: number;
  gap_seconds?: number;
  imap_url_env?: string;
  created_by: string;
  created_at: string;
  updated_at: string;
};

/** What holds for the pace of an identity that doesn't say otherwise (contract, section 4). */
export const PACE_DEFAULTS = { max_per_day: 200, gap_seconds: 20 } as const;

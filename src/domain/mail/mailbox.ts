/**
 * How far a mailbox has been read (RFC 3501, section 2.3.1.1): all messages whose UID is below `uidnext`, as long as
 * `uidvalidity` stays. `modseq` is the mailbox's own count of changes, where it keeps one (CONDSTORE).
 */
export type MailboxCursor = { uidvalidity: string; uidnext: number; modseq?: string };

/** The same, with a digest of where the mailbox is: what was read of one mailbox says nothing of another one. */
export type MailboxStand = MailboxCursor & { place: string };

/** What came of a look into a mailbox: when it began (ISO 8601), and in words why it failed. */
export type MailboxLook = { at: string; problem?: string };

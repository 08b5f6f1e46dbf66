/**
 * The head of a message: what its own header says of it. All of it is a stranger's text and proves nothing, From least
 * of all. Addresses are as they go on the wire, Message-IDs are in angle brackets.
 */
export type MailHead = {
  messageId?: string;
  /** The ids in In-Reply-To and in References, oldest first, at most 20 each. */
  inReplyTo: readonly string[];
  references: readonly string[];
  /** The one author. Unset where there is none, or more than one to choose from. */
  from?: string;
  fromName: string;
  /** To, Cc, and what servers add of the address that it arrived at. */
  to: readonly string[];
  subject: string;
  /** The Date header in ISO 8601 UTC: what the sender's clock said, which may be any time. */
  sentAt?: string;
  /** When the mailbox got it, in ISO 8601 UTC. */
  receivedAt: string;
  /** All headers as they stand there, by their names in lower case. */
  headers: ReadonlyMap<string, readonly string[]>;
};

/** A part that isn't the text of a message, but tells what it is: a report, what is returned with one, a calendar's. */
export type MailPart = { type: string; text: string };

/** A message as far as it was read. */
export type MailMessage = MailHead & {
  /** The plain text, and the HTML; empty where there is none. */
  text: string;
  html: string;
  parts: readonly MailPart[];
  /** Only the beginning was read, or the message is built so oddly that only its head could be. */
  isCut: boolean;
};

/** The first value of a header, in lower case. */
export function mailHeader({ headers }: Pick<MailHead, 'headers'>, name: string): string | undefined {
  return headers.get(name)?.[0]?.trim().toLowerCase();
}

/** The media type of a whole message, such as `multipart/report`. */
export function mediaType(head: Pick<MailHead, 'headers'>): string {
  return (mailHeader(head, 'content-type') ?? 'text/plain').split(';', 1)[0]?.trim() ?? '';
}

/** The parts of some media types. */
export function mailParts({ parts }: Pick<MailMessage, 'parts'>, types: readonly string[]): readonly MailPart[] {
  return parts.filter(({ type }) => types.includes(type));
}

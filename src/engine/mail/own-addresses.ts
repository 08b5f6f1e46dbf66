import { addressKey } from '../../domain/contacts/address.ts';
import type { MailHead } from '../../domain/mail/message.ts';
import { type LeaveFacts, tokenIn } from '../../domain/mail/way-out.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { writesTo } from './sent.ts';

/** The addresses of a home's identities, as they are compared. */
export type OwnAddresses = {
  /**
   * All that they write from, or have others write from: nobody of these is a contact who answers. One that emails go to
   * as a contact's isn't among them: an identity that has it, by mistake or by ill will, must silence nobody.
   */
  all: ReadonlySet<string>;
  /** Those of List-Unsubscribe; `waysOutAlone` without those that answers come to as well. */
  waysOut: ReadonlySet<string>;
  waysOutAlone: ReadonlySet<string>;
};

/** A text of more characters is a letter, and its end holds no token of ours. */
const LONGEST_TEXT = 20_000;

function keysOf(addresses: readonly (string | undefined)[]): Set<string> {
  return new Set(addresses.flatMap((address) => (address === undefined ? [] : addressKey(address))));
}

export function ownAddresses(view: View): OwnAddresses {
  const identities = view.find.identities(ALL).rows;
  const answered = keysOf(identities.flatMap(({ email, reply_to }) => [email, reply_to]));
  const waysOut = keysOf(identities.map(({ unsubscribe_mailto }) => unsubscribe_mailto));
  const all = [...answered, ...waysOut, ...keysOf(identities.map(({ bcc }) => bcc))];
  return {
    all: new Set(all.filter((address) => !writesTo(view, address))),
    waysOut,
    waysOutAlone: new Set([...waysOut].filter((address) => !answered.has(address))),
  };
}

/** Whether the head of a message says that it may be an objection by List-Unsubscribe, so that all of it is read. */
export function mayLeave({ to, subject }: MailHead, { waysOut }: OwnAddresses, secret: Buffer): boolean {
  return to.some((address) => waysOut.has(address)) || tokenIn(secret, subject) !== undefined;
}

/**
 * What a message says as an objection by List-Unsubscribe: what its token tells, or that it has none; undefined where it
 * is no objection. A token of this home in its subject
 * tells whose it is, wherever it went: the identity may have another address by now. At an address of List-Unsubscribe
 * the text may hold the token. Without a token everything there is an objection, where no answers come to the address.
 *
 * @param text what the message says itself, without what it quotes
 */
export function leaveIn(
  { to, subject }: Pick<MailHead, 'to' | 'subject'>,
  text: string,
  { waysOut, waysOutAlone }: OwnAddresses,
  secret: Buffer,
): LeaveFacts | 'untold' | undefined {
  const isThere = to.some((address) => waysOut.has(address));
  const facts = tokenIn(secret, subject) ?? (isThere ? tokenIn(secret, text.slice(0, LONGEST_TEXT)) : undefined);
  return facts ?? (to.some((address) => waysOutAlone.has(address)) ? 'untold' : undefined);
}

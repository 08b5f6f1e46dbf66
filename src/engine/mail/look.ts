import type { Identity } from '../../domain/agents/identity.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { canonical } from '../../domain/base/json.ts';
import type { MailboxStand } from '../../domain/mail/mailbox.ts';
import { mayBeReport, meaningOf } from '../../domain/mail/meaning.ts';
import type { MailHead } from '../../domain/mail/message.ts';
import { namedIds } from '../../domain/mail/message-ids.ts';
import { MailboxProblem } from '../../net/mailbox/problem.ts';
import { type FoundMail, readMailbox } from '../../net/mailbox/read-mailbox.ts';
import { type MailboxServer, placeDigest } from '../../net/mailbox/settings.ts';
import type { House } from '../base/house.ts';
import type { UnderstoodMail } from './concerns.ts';
import { newsOf } from './news.ts';
import { leaveIn, mayLeave, ownAddresses } from './own-addresses.ts';
import { sentTo } from './sent.ts';

/** A mailbox to look into, whose it is, and when the look begins. */
export type MailboxToRead = { identity: Identity; server: MailboxServer; now: Date };

/** A look begins anew where another process read on meanwhile, at most so often. */
const MOST_BEGINNINGS = 3;

/** Whether a message may concern a contact, by its head. Of any other nothing but the head is ever fetched. */
function mayConcern(house: House, head: MailHead, secret: Buffer): Promise<boolean> {
  return house.read((view) => {
    if (mayBeReport(head) || mayLeave(head, ownAddresses(view), secret)) return true;
    if (head.from !== undefined && view.contactAt(head.from)) return true;
    return [...head.inReplyTo, ...head.references].some((id) => sentTo(view, id) !== undefined);
  });
}

/** What some messages mean, without those that mean nothing. It lets other calls go on after each. */
async function understood(house: House, mails: readonly FoundMail[], secret: Buffer): Promise<UnderstoodMail[]> {
  const found: UnderstoodMail[] = [];
  for (const { message } of mails) {
    // Its own id is one of ours where it is a copy of what we sent.
    const ids = [...namedIds(message), message.messageId ?? ''];
    const known = await house.read((view) => ({
      sentIds: new Set(ids.filter((id) => sentTo(view, id) !== undefined)),
      own: ownAddresses(view),
    }));
    const meaning = meaningOf(message, {
      sentIds: known.sentIds,
      ownAddresses: known.own.all,
      leaveIn: (read, text) => leaveIn(read, text, known.own, secret),
    });
    if (meaning) found.push({ message, meaning });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

/** Whether answers are kept with what people wrote. A config.json that can't be read lets nothing be kept. */
function keepsBodies({ deps }: House): boolean {
  try {
    return deps.config().mail.bodies;
  } catch {
    return false;
  }
}

type Taken = {
  was: MailboxStand | undefined;
  is: MailboxStand;
  mails: readonly UnderstoodMail[];
  keepsBodies: boolean;
};

/**
 * Writes what some messages come to, and how far the mailbox has been read with them, in one commit: so nothing is lost
 * and nothing counts twice. False where another process has read on since `was`: then nothing is written. What changes
 * nothing isn't written either.
 */
function take(house: House, { identity, now }: MailboxToRead, { was, is, mails, ...how }: Taken): Promise<boolean> {
  return house.commit(PRODUCT, (view, { newSalt }) => {
    const known = view.mailbox(identity.id);
    if (canonical(known?.stand ?? null) !== canonical(was ?? null)) return { events: [], value: false };
    const news = newsOf(view, mails, { identity_id: identity.id, now, newSalt, ...how });
    const isSame = news.length === 0 && known?.problem === undefined && canonical(is) === canonical(was ?? null);
    if (isSame || !view.identity(identity.id)) return { events: [], value: true };
    const read = { type: 'mailbox_read' as const, identity_id: identity.id, at: now.toISOString(), stand: is };
    return { events: [...news, read], value: true };
  });
}

/** Reads what is new. False where another process read on meanwhile, so that the rest is to be read from there on. */
async function readOnce(house: House, box: MailboxToRead): Promise<boolean> {
  const place = placeDigest(box.server);
  let was = await house.read((view) => view.mailbox(box.identity.id)?.stand);
  const secret = await house.store.secret();
  const wants = (head: MailHead) => mayConcern(house, head, secret);
  const options = { deps: house.deps, now: box.now, signal: house.ended, wants };
  const how = { keepsBodies: keepsBodies(house) };
  const since = was?.place === place ? was : undefined;
  for await (const { mails, cursor, unread } of readMailbox(box.server, since, options)) {
    const { uidvalidity, uidnext, modseq } = cursor;
    const is = { place, uidvalidity, uidnext, ...(modseq === undefined ? {} : { modseq }) };
    if (unread > 0)
      house.deps.log.warn({ unread, identity_id: box.identity.id }, 'a mail server gave no answer about some messages');
    if (!(await take(house, box, { was, is, mails: await understood(house, mails, secret), ...how }))) return false;
    was = is;
  }
  return true;
}

/** Writes why a mailbox can't be read, once for the same reason. */
async function tell(house: House, { identity, now }: MailboxToRead, problem: string): Promise<void> {
  await house.commit(PRODUCT, (view) => {
    const isKnown = view.mailbox(identity.id)?.problem?.message === problem;
    if (isKnown || !view.identity(identity.id)) return { events: [], value: undefined };
    const at = now.toISOString();
    return { events: [{ type: 'mailbox_read', identity_id: identity.id, at, problem }], value: undefined };
  });
}

/**
 * Looks into a mailbox, and makes events of what concerns contacts. Gives why that failed, in words without a secret;
 * undefined where all is read.
 */
export async function lookOnce(house: House, box: MailboxToRead): Promise<string | undefined> {
  try {
    for (let times = 0; times < MOST_BEGINNINGS; times++) if (await readOnce(house, box)) return undefined;
    return 'other processes read it at the same time';
  } catch (error) {
    if (!(error instanceof MailboxProblem)) throw error;
    if (error.fate !== 'aborted') await tell(house, box, error.message);
    return error.message;
  }
}

import type { FetchMessageObject, FetchQueryObject, ImapFlow, MailboxObject } from 'imapflow';
import { HEAD_BYTES, SOURCE_BYTES } from '../../domain/mail/beginning.ts';
import type { MailboxCursor } from '../../domain/mail/mailbox.ts';
import type { MailHead, MailMessage } from '../../domain/mail/message.ts';
import { readMailHead, readMessage } from '../../domain/mail/read-message.ts';
import { inSession, type MailboxSession, type SessionOptions } from './session.ts';
import type { MailboxServer } from './settings.ts';

/** A message of the mailbox, by its UID. */
export type FoundMail = { uid: number; message: MailMessage };

/**
 * Some messages in their order, and how far the mailbox has been read with them. `unread` counts those that the server
 * refuses to give. `isLast`: there are no more.
 */
export type MailboxStep = { mails: FoundMail[]; unread: number; cursor: MailboxCursor; isLast: boolean };

export type LookOptions = SessionOptions & {
  now: Date;
  /** Whether a message is read, by its head: of the others nothing but the head leaves the server. Unset: all are. */
  wants?: (head: MailHead) => boolean | Promise<boolean>;
};

const DAY = 86_400_000;
/** A first look goes back so far, and to so many messages. */
const FIRST_LOOK_MS = 7 * DAY;
const FIRST_LOOK_MOST = 1_000;
/** A later look goes back to where the last one ended, but to no more messages than this. */
const LATER_LOOK_MOST = 20_000;
/** So many messages are asked for their place at once, and so many for what they say. */
const WINDOW = 1_000;
const STEP = 50;

const PLACE: FetchQueryObject = { uid: true, internalDate: true };
const HEAD: FetchQueryObject = { ...PLACE, bodyParts: [{ key: 'HEADER', start: 0, maxLength: HEAD_BYTES }] };
const SOURCE: FetchQueryObject = { ...PLACE, size: true, source: { start: 0, maxLength: SOURCE_BYTES } };

type Place = { uid: number; at: Date };
type Extent = { from: number; most: number; now: Date };
type Stand = { uidvalidity: string; uidnext: number | undefined; modseq?: string };

/** Where the mailbox stands, without opening it. */
async function standOf(client: ImapFlow, mailbox: string): Promise<Stand> {
  const status = await client.status(mailbox, { uidNext: true, uidValidity: true, highestModseq: true });
  const { uidNext, uidValidity, highestModseq } = status || {};
  return {
    uidvalidity: String(uidValidity ?? 0),
    uidnext: uidNext,
    ...(highestModseq === undefined ? {} : { modseq: String(highestModseq) }),
  };
}

/** Whether nothing has arrived since. A server that doesn't tell the next UID may tell its count of changes. */
function isAsBefore(since: MailboxCursor, { uidvalidity, uidnext, modseq }: Stand): boolean {
  if (since.uidvalidity !== uidvalidity) return false;
  return uidnext === undefined ? modseq !== undefined && since.modseq === modseq : since.uidnext === uidnext;
}

/** When the mailbox got a message. A clock that goes ahead would make it new for as long as it does. */
function receivedAt({ internalDate }: FetchMessageObject, now: Date): Date {
  const time = internalDate === undefined ? Number.NaN : new Date(internalDate).getTime();
  return Number.isNaN(time) || time > now.getTime() ? now : new Date(time);
}

/** The places of the newest messages, by windows from the end: so many at most, and none below a UID. */
async function newest(client: ImapFlow, exists: number, { from, most, now }: Extent): Promise<Place[]> {
  const found: Place[] = [];
  for (let last = exists; last > 0 && found.length < most; last -= WINDOW) {
    const window = await client.fetchAll(`${Math.max(1, last - WINDOW + 1)}:${last}`, PLACE);
    found.push(...placesOf(window, from, now));
    if (window.some(({ uid }) => uid < from)) break;
  }
  return found;
}

function placesOf(messages: readonly FetchMessageObject[], from: number, now: Date): Place[] {
  return messages
    .filter(({ uid }) => uid >= from)
    .map((message) => ({ uid: message.uid, at: receivedAt(message, now) }));
}

/** The messages to read, oldest first: those since the last look, or those that a first look goes back to. */
async function placesToRead(
  client: ImapFlow,
  { exists, uidNext }: MailboxObject,
  since: MailboxCursor | undefined,
  now: Date,
): Promise<Place[]> {
  const from = since?.uidnext ?? 1;
  const isShort = since !== undefined && uidNext !== undefined && uidNext - from <= WINDOW;
  const most = since === undefined ? FIRST_LOOK_MOST : LATER_LOOK_MOST;
  const found = isShort
    ? placesOf(uidNext > from ? await client.fetchAll(`${from}:${uidNext - 1}`, PLACE, { uid: true }) : [], from, now)
    : await newest(client, exists, { from, most, now });
  const first = since === undefined ? now.getTime() - FIRST_LOOK_MS : Number.NEGATIVE_INFINITY;
  const byUid = new Map(found.filter(({ at }) => at.getTime() >= first).map((place) => [place.uid, place]));
  return [...byUid.values()].sort((a, b) => a.uid - b.uid).slice(-most);
}

type Fetched = { messages: FetchMessageObject[]; refused: number };

/**
 * Fetches messages by their UIDs. Where a server refuses the whole because it can't give one of them, each is asked for
 * alone, and only those that it still refuses are left out.
 */
async function fetched(client: ImapFlow, uids: readonly number[], query: FetchQueryObject): Promise<Fetched> {
  if (uids.length === 0) return { messages: [], refused: 0 };
  try {
    const given = await client.fetchAll(uids.join(','), query, { uid: true });
    const byUid = new Map(given.map((message) => [message.uid, message]));
    return { messages: uids.flatMap((uid) => byUid.get(uid) ?? []), refused: 0 };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (uids.length === 1) return { messages: [], refused: 1 };
    const alone: Fetched[] = [];
    for (const uid of uids) alone.push(await fetched(client, [uid], query));
    return {
      messages: alone.flatMap(({ messages }) => messages),
      refused: alone.reduce((sum, { refused }) => sum + refused, 0),
    };
  }
}

/** Whether the server said no, and the session goes on. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && ['NO', 'BAD'].includes(String(Reflect.get(error, 'responseStatus')));
}

type Wanted = { wanted: number[]; refused: number };

/** Which of some messages are wanted, by their heads. */
async function wantedOf(client: ImapFlow, uids: readonly number[], { wants, now }: LookOptions): Promise<Wanted> {
  if (!wants) return { wanted: [...uids], refused: 0 };
  const { messages, refused } = await fetched(client, uids, HEAD);
  const wanted: number[] = [];
  for (const message of messages) {
    const { uid, headers } = message;
    const head = headers && (await readMailHead(headers, receivedAt(message, now).toISOString()));
    if (head && (await wants(head))) wanted.push(uid);
  }
  return { wanted, refused };
}

async function mailsOf(
  client: ImapFlow,
  uids: readonly number[],
  options: LookOptions,
): Promise<Pick<MailboxStep, 'mails' | 'unread'>> {
  const { wanted, refused } = await wantedOf(client, uids, options);
  const sources = await fetched(client, wanted, SOURCE);
  const mails: FoundMail[] = [];
  for (const found of sources.messages) {
    const { uid, source, size } = found;
    const at = receivedAt(found, options.now).toISOString();
    if (source) mails.push({ uid, message: await readMessage(source, at, size) });
  }
  return { mails, unread: refused + sources.refused };
}

async function* steps(
  session: MailboxSession,
  mailbox: string,
  since: MailboxCursor | undefined,
  options: LookOptions,
): AsyncGenerator<MailboxStep, void> {
  const { client } = session;
  session.stage = 'opening';
  const start = await standOf(client, mailbox);
  if (since && isAsBefore(since, start)) return yield { mails: [], unread: 0, cursor: since, isLast: true };
  const opened = await client.mailboxOpen(mailbox, { readOnly: true });
  session.stage = 'reading';
  const { uidnext: _, ...same } = { ...start, uidvalidity: String(opened.uidValidity) };
  const isSame = since?.uidvalidity === same.uidvalidity && since.uidnext <= (opened.uidNext ?? since.uidnext);
  const places = await placesToRead(client, opened, isSame ? since : undefined, options.now);
  const uids = places.map(({ uid }) => uid);
  const uidnext = Math.max(opened.uidNext ?? 1, (uids.at(-1) ?? 0) + 1, isSame ? since.uidnext : 1);
  for (let at = 0; at === 0 || at < uids.length; at += STEP) {
    const some = uids.slice(at, at + STEP);
    const read = await mailsOf(client, some, options);
    const isLast = at + STEP >= uids.length;
    const next = (some.at(-1) ?? 0) + 1;
    yield { ...read, cursor: isLast ? { ...same, uidnext } : { uidvalidity: same.uidvalidity, uidnext: next }, isLast };
  }
}

/**
 * Reads what a mailbox got since the last look, in steps, and changes nothing in it (EXAMINE, BODY.PEEK). Each step gives
 * the cursor to go on from, so that a look which ends early loses none. Where there is no cursor, or the mailbox was made
 * anew (another UIDVALIDITY), it goes back 7 days, to the newest 1,000 messages. Of a message at most 256 kB are fetched.
 * Throws MailboxProblem.
 */
export function readMailbox(
  server: MailboxServer,
  since: MailboxCursor | undefined,
  options: LookOptions,
): AsyncGenerator<MailboxStep, void> {
  return inSession(server, options, (session) => steps(session, server.mailbox, since, options));
}

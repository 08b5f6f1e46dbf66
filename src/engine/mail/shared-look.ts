import { createHash } from 'node:crypto';
import type { Identity } from '../../domain/agents/identity.ts';
import { canonical } from '../../domain/base/json.ts';
import type { MailboxLook } from '../../domain/mail/mailbox.ts';
import { type MailboxServer, mailboxSettings, placeDigest } from '../../net/mailbox/settings.ts';
import { pause } from '../../store/pause.ts';
import type { Store } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import type { MailboxToRead } from './look.ts';

/** A look that one process makes or made, kept where all processes find it. `ended` is missing while it goes on. */
type KeptLook = MailboxLook & { place: string; holder: string; ended?: true };

const ASK_AGAIN_MS = 200;
/** Processes that begin at once have all told it after so long. */
const SETTLE_MS = 100;
/** No look takes longer (`net/mailbox/session.ts`): one that does was given up. */
const LONGEST_MS = 150_000;

function tokenOf({ id, imap_url_env }: Identity): string {
  const named = createHash('sha256')
    .update(canonical([id, imap_url_env ?? null]))
    .digest('hex');
  return `mailbox_${named.slice(0, 32)}`;
}

async function keptLook(store: Pick<Store, 'recall'>, identity: Identity): Promise<KeptLook | undefined> {
  const text = await store.recall(tokenOf(identity));
  return text === undefined ? undefined : JSON.parse(text);
}

/** The last look into an identity's mailbox that has ended, by any process, within a day. */
export async function lastLook(store: Pick<Store, 'recall'>, identity: Identity): Promise<MailboxLook | undefined> {
  const kept = await keptLook(store, identity);
  return kept?.ended ? kept : undefined;
}

/** How long before `now` a look began, in milliseconds. A look that a clock gone wrong put far ahead is old. */
function ageOf({ at }: MailboxLook, now: Date): number {
  const age = now.getTime() - Date.parse(at);
  return age < -LONGEST_MS ? Number.POSITIVE_INFINITY : age;
}

/** Whether another living process makes a look just now. */
function isUnderWay(house: House, kept: KeptLook): Promise<boolean> {
  if (kept.ended || ageOf(kept, house.deps.now()) > LONGEST_MS || kept.holder === house.store.holder)
    return Promise.resolve(false);
  return house.read((view) => view.isAlive(kept.holder));
}

/** How old a look may be, in milliseconds, and when it was asked for. */
type Wanted = { within: number; asked: Date };

/** A look of another process, once it has ended, where it is young enough; undefined where this process has to look. */
async function sharedLook(
  house: House,
  identity: Identity,
  { place, within, asked }: Wanted & { place: string },
): Promise<MailboxLook | undefined> {
  while (!house.ending) {
    const kept = await keptLook(house.store, identity);
    if (kept?.place !== place) return undefined;
    if (kept.ended) return ageOf(kept, asked) < within ? kept : undefined;
    if (!(await isUnderWay(house, kept))) return undefined;
    await pause(ASK_AGAIN_MS, house.ended);
  }
  return undefined;
}

/**
 * Tells other processes that this one looks. Of several that begin at once the last one to tell it does; the others wait
 * for its look. Two that look all the same do no harm: only one commits what it has read (`look.ts`).
 */
async function claim(house: House, identity: Identity, begun: KeptLook): Promise<boolean> {
  await house.store.renew();
  await house.store.keep(tokenOf(identity), JSON.stringify(begun));
  await pause(SETTLE_MS, house.ended);
  return (await keptLook(house.store, identity))?.holder === begun.holder;
}

/** Makes a look, and keeps what came of it where other processes find it. */
async function make(house: House, box: MailboxToRead, begun: KeptLook): Promise<MailboxLook> {
  // The lease tells other processes that this one lives, and that its look goes on.
  const heartbeat = setInterval(() => void house.store.renew(), 4_000);
  heartbeat.unref();
  let told: { problem?: string } = { problem: 'the look was given up' };
  try {
    // Few processes look into a mailbox: what reads and understands mail is loaded when the first one does.
    const { lookOnce } = await import('./look.ts');
    const problem = await lookOnce(house, box);
    told = problem === undefined ? {} : { problem };
  } finally {
    clearInterval(heartbeat);
    const ended: KeptLook = { ...begun, ...told, ended: true };
    await house.store.keep(tokenOf(box.identity), JSON.stringify(ended));
  }
  return { at: begun.at, ...told };
}

async function look(house: House, identity: Identity, server: MailboxServer, wanted: Wanted): Promise<MailboxLook> {
  const place = placeDigest(server);
  for (;;) {
    const shared = await sharedLook(house, identity, { place, ...wanted });
    if (shared) return shared;
    const now = house.deps.now();
    const begun: KeptLook = { at: now.toISOString(), place, holder: house.store.holder };
    if (house.ending) return { at: begun.at, problem: 'the process is about to end' };
    if (await claim(house, identity, begun)) return make(house, { identity, server, now }, begun);
  }
}

/**
 * Looks into an identity's mailbox, unless a look that began less than `within` milliseconds before, by any process, will
 * do. Looks of one process at once are one, and a process waits for the look of another one. A mailbox that can't be read
 * is a `problem`, and nothing is thrown for it.
 */
export async function lookInto(
  { whole: house }: House,
  identity: Identity,
  within: number,
  asked: Date = house.deps.now(),
): Promise<MailboxLook> {
  const server = mailboxSettings(identity.imap_url_env ?? '', house.deps.env);
  if ('problem' in server) return { at: asked.toISOString(), problem: server.problem };
  const underWay = house.looks.get(identity.id);
  if (underWay) {
    const made = await underWay;
    return ageOf(made, asked) < within ? made : lookInto(house, identity, within, asked);
  }
  const begun = look(house, identity, server, { within, asked }).finally(() => house.looks.delete(identity.id));
  house.looks.set(identity.id, begun);
  return begun;
}

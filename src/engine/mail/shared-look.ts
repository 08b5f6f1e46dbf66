import { createHash } from 'node:crypto';
import type { Identity } from '../../domain/agents/identity.ts';
import { canonical } from '../../domain/base/json.ts';
import type { MailboxLook } from '../../domain/mail/mailbox.ts';
import { type MailboxServer, mailboxSettings } from '../../net/mailbox/settings.ts';
import { pause } from '../../store/pause.ts';
import type { Store } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { digestOfPlace, lookOnce } from './look.ts';

/** A look that one process makes or made, kept where all processes find it. `ended` is missing while it goes on. */
type KeptLook = MailboxLook & { place: string; holder: string; ended?: true };

const ASK_AGAIN_MS = 200;
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

async function look(house: House, identity: Identity, server: MailboxServer, wanted: Wanted): Promise<MailboxLook> {
  const place = digestOfPlace(server);
  const shared = await sharedLook(house, identity, { place, ...wanted });
  if (shared) return shared;
  const now = house.deps.now();
  const at = now.toISOString();
  const begun: KeptLook = { at, place, holder: house.store.holder };
  const token = tokenOf(identity);
  // The lease tells other processes that this one lives, and that its look goes on.
  const heartbeat = setInterval(() => void house.store.renew(), 4_000);
  heartbeat.unref();
  let problem: string | undefined = 'the look was given up';
  try {
    await house.store.renew();
    await house.store.keep(token, JSON.stringify(begun));
    problem = await lookOnce(house, { identity, server, now });
  } finally {
    clearInterval(heartbeat);
    const ended: KeptLook = { ...begun, ...(problem === undefined ? {} : { problem }), ended: true };
    await house.store.keep(token, JSON.stringify(ended));
  }
  return { at, ...(problem === undefined ? {} : { problem }) };
}

/**
 * Looks into an identity's mailbox, unless a look that began less than `within` milliseconds before, by any process, will
 * do. Looks of one process at once are one, and a process waits for the look of another one. A mailbox that can't be read
 * is a `problem`, and nothing is thrown for it.
 */
export async function lookInto(
  house: House,
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

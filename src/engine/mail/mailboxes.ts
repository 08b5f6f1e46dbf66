import type { Identity } from '../../domain/agents/identity.ts';
import { ALL } from '../../domain/state/queries.ts';
import { mailboxSettings } from '../../net/mailbox/settings.ts';
import { pause } from '../../store/pause.ts';
import type { House } from '../base/house.ts';
import { lookInto } from './shared-look.ts';

/** A look less than this old isn't repeated before a list or a send, in milliseconds. */
export const NEW_ENOUGH_MS = 30_000;
/** A list waits so long for the mailboxes, and goes on without them. */
const PATIENCE_MS = 5_000;

/** The identities with a mailbox that this process has the login of. */
async function readable(house: House): Promise<Identity[]> {
  const all = await house.read((view) =>
    view.find.identities(ALL).rows.filter((one) => one.imap_url_env !== undefined),
  );
  return all.filter(({ imap_url_env = '' }) => !('problem' in mailboxSettings(imap_url_env, house.deps.env)));
}

function unreadWords({ name }: Identity, problem: string): string {
  return `The mailbox of identity "${name}" can't be read: ${problem} Answers since then aren't known, and its emails wait.`;
}

/** Looks into every mailbox that this process can read. A look that fails in an unforeseen way is logged. */
export async function lookIntoAll(house: House, within: number): Promise<void> {
  if (house.isReadOnly || house.ending) return;
  for (const identity of await readable(house)) await lookInto(house, identity, within);
}

/** How the looks into some mailboxes stand when the patience with them is over. */
type Looks = { unread: [Identity, problem: string][]; unfinished: Identity[] };

/** Looks into some mailboxes at once. It waits 5 s at most; the looks go on without it. */
async function lookPatiently(house: House, identities: readonly Identity[]): Promise<Looks> {
  const unread: Looks['unread'] = [];
  const left = new Set(identities);
  const looks = identities.map(async (identity) => {
    try {
      const { problem } = await lookInto(house, identity, NEW_ENOUGH_MS);
      if (problem !== undefined) unread.push([identity, problem]);
    } catch (error) {
      house.deps.log.warn({ error: String(error), identity_id: identity.id }, 'a mailbox could not be looked at');
      unread.push([identity, 'the look failed, and the log of this process says why.']);
    }
    left.delete(identity);
  });
  if (looks.length === 0) return { unread, unfinished: [] };
  const over = new AbortController();
  await Promise.race([Promise.all(looks), pause(PATIENCE_MS, over.signal)]);
  over.abort();
  return { unread, unfinished: [...left] };
}

/**
 * Looks into the mailboxes before a list of what waits is made, so that it shows the answers that came. Gives warnings about
 * the mailboxes that weren't read.
 */
export async function lookBeforeListing(house: House): Promise<string[]> {
  if (house.isReadOnly || house.ending) return [];
  const { unread, unfinished } = await lookPatiently(house, await readable(house));
  return [
    ...unread.map(([identity, problem]) => unreadWords(identity, problem)),
    ...unfinished.map(
      ({ name }) => `The mailbox of identity "${name}" is still being read: answers that came just now may be missing.`,
    ),
  ];
}

/**
 * Looks into the mailboxes of other senders before an email goes: the contact may have answered one of them, or objected
 * there. One that can't be read holds nothing up but its own sender's emails.
 */
export async function lookIntoOthers(house: House, sender: Identity): Promise<void> {
  if (house.ending) return;
  await lookPatiently(
    house,
    (await readable(house)).filter(({ id }) => id !== sender.id),
  );
}

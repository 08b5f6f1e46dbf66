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

/**
 * Looks into the mailboxes before a list of what waits is made, so that it shows the answers that came. It waits 5 s at
 * most; the looks go on without it. Gives warnings about the mailboxes that weren't read.
 */
export async function lookBeforeListing(house: House): Promise<string[]> {
  if (house.isReadOnly || house.ending) return [];
  const warnings: string[] = [];
  const left = new Map<string, Identity>();
  const looks = (await readable(house)).map(async (identity) => {
    left.set(identity.id, identity);
    try {
      const { problem } = await lookInto(house, identity, NEW_ENOUGH_MS);
      if (problem !== undefined) warnings.push(unreadWords(identity, problem));
    } catch (error) {
      house.deps.log.warn({ error: String(error), identity_id: identity.id }, 'a mailbox could not be looked at');
      warnings.push(unreadWords(identity, 'the look failed, and the log of this process says why.'));
    }
    left.delete(identity.id);
  });
  if (looks.length === 0) return [];
  const over = new AbortController();
  await Promise.race([Promise.all(looks), pause(PATIENCE_MS, over.signal)]);
  over.abort();
  const unfinished = [...left.values()].map(
    ({ name }) => `The mailbox of identity "${name}" is still being read: answers that came just now may be missing.`,
  );
  return [...warnings, ...unfinished];
}

import type { Identity } from '../../domain/agents/identity.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { Mailbox } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { Store } from '../../store/store.ts';
import { lastLook } from './shared-look.ts';

/** How a mailbox stands: when it was last read (ISO 8601), and why it can't be read since. */
export type MailboxState = { looked_at?: string; problem?: string };

type KnownMailbox = { identity: Identity; known: Mailbox | undefined };

/** The identities that have a mailbox, and what is written down of it. */
export function mailboxesIn(view: View): KnownMailbox[] {
  const identities = view.find.identities(ALL).rows.filter(({ imap_url_env }) => imap_url_env !== undefined);
  return identities.map((identity) => ({ identity, known: view.mailbox(identity.id) }));
}

/** How a mailbox stands: what is written down of it, and what the last look told that wrote nothing down. */
export async function mailboxState(
  store: Pick<Store, 'recall'>,
  { identity, known }: KnownMailbox,
): Promise<MailboxState> {
  const last = await lastLook(store, identity);
  const times = [known?.read_at, last?.problem === undefined ? last?.at : undefined].filter((at) => at !== undefined);
  const looked_at = times.sort().at(-1);
  const isNewer = last !== undefined && last.at > (known?.problem?.at ?? '');
  const problem = isNewer ? last.problem : known?.problem?.message;
  return {
    ...(looked_at === undefined ? {} : { looked_at }),
    ...(problem === undefined ? {} : { problem }),
  };
}

import type { Agent } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { mandateDigest, mandateOf } from '../../domain/agents/mandate.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { Event } from '../../domain/state/events.ts';
import type { IdentityInput } from '../../domain/state/kept-change.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findIdentity } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { type PageOf, type SizedPage, shownPage } from '../base/paging.ts';
import type { IdentityAsShown, ListedIdentity } from '../base/shown/identity.ts';
import { grantFor } from '../gate/grant.ts';
import type { ProofLevel } from '../gate/proof.ts';
import { type MailboxState, mailboxesIn, mailboxState } from '../mail/state.ts';
import { senderLacks } from './check.ts';
import { checkedIdentity } from './check-identity.ts';
import { approvedBy, type Decider, decidedOn, demandWant, wantOfIdentity } from './wants.ts';

/** Makes an identity, or replaces the one of `identity_id` whole. Another sender of what waits needs a person's proof. */
export function decideIdentity(
  view: View,
  moment: Moment,
  given: IdentityInput,
  decider: Decider,
): { events: Event[]; value: { identity: IdentityAsShown; warnings: string[] } } {
  const args = checkedIdentity(given, moment.env);
  const { by, via } = decider;
  const { identity_id } = args;
  const before = identity_id === undefined ? undefined : findIdentity(view, identity_id);
  const want = wantOfIdentity(view, args);
  demandWant(view, want, moment.env, via);
  const { at } = moment;
  const identity: Identity = {
    id: before?.id ?? moment.newId('id'),
    ...fieldsOf(args),
    created_by: before?.created_by ?? nameOf(by),
    created_at: before?.created_at ?? at,
    updated_at: at,
  };
  const warnings = senderLacks(identity, moment.env);
  const events: Event[] = [{ type: 'identity_saved', identity, ...(via ? { via } : {}) }];
  const ended = agentsLosingGrant(view, moment.env, identity);
  if (ended.length > 0) warnings.push(endedByIdentity(view, ended));
  if (want && via) events.push(decidedOn(want, approvedBy(moment, via, decider)));
  return { events, value: { identity, warnings } };
}

/** The fields of an identity that a person sets, without those that are unset. */
function fieldsOf({ name, email, ...args }: IdentityInput) {
  const { signature, smtp_url_env, imap_url_env, reply_to, bcc } = args;
  const { unsubscribe_url, unsubscribe_mailto, send_hours, max_per_day, gap_seconds } = args;
  return {
    ...{ name, email },
    ...(signature === undefined ? {} : { signature }),
    ...(smtp_url_env === undefined ? {} : { smtp_url_env }),
    ...(imap_url_env === undefined ? {} : { imap_url_env }),
    ...(reply_to === undefined ? {} : { reply_to }),
    ...(bcc === undefined ? {} : { bcc }),
    ...(unsubscribe_url === undefined ? {} : { unsubscribe_url }),
    ...(unsubscribe_mailto === undefined ? {} : { unsubscribe_mailto }),
    ...(send_hours === undefined ? {} : { send_hours }),
    ...(max_per_day === undefined ? {} : { max_per_day }),
    ...(gap_seconds === undefined ? {} : { gap_seconds }),
  };
}

/** The agents that act unasked by a permission which another sender ends: of all, and not only of those that the caller sees. */
function agentsLosingGrant(looker: View, env: Moment['env'], identity: Identity): Agent[] {
  const view = wholeOf(looker);
  return view.agentsOf(identity.id).flatMap(({ id }) => {
    const agent = currentAgent(view, id);
    const grant = agent && grantFor(view, agent, env);
    return agent && grant && grant.digest !== mandateDigest(mandateOf(agent, identity)) ? agent : [];
  });
}

/** Agents by name, `quoted` or not, and a word for those that aren't the caller's to see. */
export function namesSeen(view: View, agents: readonly Agent[], quoted = (name: string) => name): string[] {
  const seen = agents.filter(({ id }) => view.shows(id)).map(({ name }) => quoted(name));
  return [...seen, ...(seen.length < agents.length ? ['other agents'] : [])];
}

function endedByIdentity(view: View, agents: readonly Agent[]): string {
  const names = namesSeen(view, agents, (name) => `"${name}"`).join(', ');
  return `Agents that acted unasked as this identity wait for a person now: ${names}. The permission was for the earlier sender; list_pending_actions shows the new one among its changes.`;
}

export function saveIdentity(
  house: House,
  by: Author,
  { via, ...args }: IdentityInput & { via?: ProofLevel | undefined },
): Promise<{ identity: IdentityAsShown; warnings: string[] }> {
  return house.commit(by, (view, moment) => decideIdentity(view, moment, args, { by, via }));
}

/** Identities, newest first, each with how its mailbox stands. */
export async function listIdentities(house: House, page: SizedPage): Promise<PageOf<ListedIdentity>> {
  const looks = new Map<string, MailboxState>();
  for (const known of await house.read(mailboxesIn))
    looks.set(known.identity.id, await mailboxState(house.store, known));
  return house.read((view) =>
    shownPage(view.find.identities(page), page, (identity) => {
      const mailbox = looks.get(identity.id);
      return { ...identity, ...(mailbox ? { mailbox } : {}) };
    }),
  );
}

import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { keptObjection } from '../../domain/contacts/kept-objections.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';

/** The other contacts that have a contact's address. */
export function sharing(view: View, { id, email }: Contact): readonly Contact[] {
  return email === undefined ? [] : view.contactsAt(email).filter((other) => other.id !== id);
}

/**
 * An agent, one contact and the sender's identity, as they are now, with what else stands for the contact's address;
 * undefined where the contact was deleted. `offers` are the tools of the agent's MCP servers.
 */
export function sceneOf(view: View, agent: Agent, contactId: string, offers?: Offers): ActionScene | undefined {
  const contact = view.contact(contactId);
  if (!contact) return undefined;
  const scene: ActionScene = {
    agent,
    contact,
    identity: agent.identity_id ? view.identity(agent.identity_id) : undefined,
    // Read when somebody asks: most actions answer nothing. A copy of the scene has asked.
    get events() {
      return view.activity(contactId).events;
    },
  };
  if (offers) scene.offers = offers;
  const { email } = contact;
  if (email === undefined) return scene;
  const others = sharing(view, contact);
  if (others.length > 0) scene.sharing = others;
  const kept = keptObjection(view.erasures(), email);
  if (kept) scene.kept_objection = kept;
  return scene;
}

/**
 * What was proposed and done for a contact, without one action (`except`), and what went to other contacts with the
 * same address, or to this address of contacts that have another one now: cadence and duplicates belong to the address
 * (contract, section 3). Notes and changes of fields count for their own contact alone. These are the entries of all agents,
 * whoever looks: the gate decides by them. Who shows them leaves out what isn't for the reader (`shownEntries`).
 */
export function ledgerAt(
  view: View,
  { contact, sharing = [] }: Pick<ActionScene, 'contact' | 'sharing'>,
  except?: ActionRef,
): LedgerEntry[] {
  const { ledger, formerlyAt } = wholeOf(view);
  const own = ledger(contact.id);
  const entries = except
    ? own.filter((entry) => entry.run_id !== except.run_id || entry.action_index !== except.action_index)
    : [...own];
  for (const { id } of sharing) entries.push(...ledger(id).filter(({ type }) => findActionType(type)?.outbound));
  const { email } = contact;
  if (email === undefined) return entries;
  for (const { id } of formerlyAt(email))
    entries.push(...ledger(id).filter((entry) => wentTo(entry, addressKey(email))));
  return entries;
}

/** Whether an entry's action went to an address. While it waits, it goes where its contact is now. */
function wentTo({ type, status, to }: LedgerEntry, key: string): boolean {
  if (status === 'pending_approval' || !findActionType(type)?.outbound) return false;
  return to === undefined || addressKey(to) === key;
}

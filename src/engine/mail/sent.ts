import { findActionType } from '../../actions/index.ts';
import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { markOf, readSentId } from '../../domain/mail/sent-id.ts';
import type { Action, ActionStatus } from '../../domain/runs/run.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { attemptKey } from '../base/actions.ts';

/** The statuses of what may have arrived. An answer of a program can come before the outcome is written. */
const MAY_HAVE_ARRIVED: ReadonlySet<ActionStatus> = new Set(['executing', 'executed', 'unknown']);
/** A report about an address counts so long after the last email to it. */
const REPORTED_MS = 30 * 86_400_000;

/** Whether actions of a type are sent as their agent's identity, so that answers come to that identity's mailbox. */
export function isSentAsIdentity(type: string): boolean {
  return findActionType(type)?.settings?.includes('identity_id') === true;
}

/** The contact that an email went to, and the address, as far as that is known. */
export type SentTo = { contact: Contact; address: string | undefined };

function mayHaveGone({ type, status }: Pick<Action | LedgerEntry, 'type' | 'status'>): boolean {
  return MAY_HAVE_ARRIVED.has(status) && isSentAsIdentity(type);
}

/** Whom an email of this home went to, by its Message-ID; undefined where it is none of ours, or its contact is gone. */
export function sentTo(view: View, messageId: string): SentTo | undefined {
  const name = readSentId(messageId);
  if (!name || !view.run(name.run_id)) return undefined;
  const { run_id, mark } = name;
  for (const [contact_id, { proposed_actions }] of view.results(run_id).results) {
    const action = proposed_actions.find((one) => {
      const { action_index, result } = one;
      const isNamed = () => markOf(attemptKey({ run_id, contact_id, action_index })) === mark;
      return mayHaveGone(one) && (result?.message_id === undefined ? isNamed() : result.message_id === messageId);
    });
    const contact = action && view.contact(contact_id);
    if (!contact) continue;
    const entry = view
      .ledger(contact_id)
      .find((one) => one.run_id === run_id && one.action_index === action.action_index);
    return { contact, address: entry?.to ?? contact.email };
  }
  return undefined;
}

/** Whether an email went to an address within the last 30 days. */
export function wroteTo(view: View, address: string, now: Date): boolean {
  const from = new Date(now.getTime() - REPORTED_MS).toISOString();
  const key = addressKey(address);
  const isTo = (entry: LedgerEntry) =>
    mayHaveGone(entry) && entry.at >= from && (entry.to === undefined || addressKey(entry.to) === key);
  return view.contactsAt(address).some(({ id }) => view.ledger(id).some(isTo));
}

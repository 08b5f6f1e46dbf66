import { findActionType } from '../../actions/index.ts';
import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { markOf, readSentId } from '../../domain/mail/sent-id.ts';
import type { Action, ActionStatus } from '../../domain/runs/run.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { attemptKey, effectiveParams } from '../base/actions.ts';

/** The statuses of what may have arrived. An answer of a program can come before the outcome is written. */
const MAY_HAVE_ARRIVED: ReadonlySet<ActionStatus> = new Set(['executing', 'executed', 'unknown']);
const WAITS: ReadonlySet<ActionStatus> = new Set(['pending_approval', 'approved']);
/** A report about an address counts so long after the last email to it. */
const REPORTED_MS = 30 * 86_400_000;

/** Whether actions of a type are sent as their agent's identity, so that answers come to that identity's mailbox. */
export function isSentAsIdentity(type: string): boolean {
  return findActionType(type)?.settings?.includes('identity_id') === true;
}

/** The contact that an email went to, the address, as far as that is known, and what it answered, where it did. */
export type SentTo = { contact: Contact; address: string | undefined; answered?: unknown };

function mayHaveGone({ type, status }: Pick<Action | LedgerEntry, 'type' | 'status'>): boolean {
  return MAY_HAVE_ARRIVED.has(status) && isSentAsIdentity(type);
}

/**
 * Whom an email of this home went to, by its Message-ID, of which the part before the @ alone counts; undefined where it
 * is none of ours, or its contact is gone.
 */
export function sentTo(view: View, messageId: string): SentTo | undefined {
  const name = readSentId(messageId);
  if (!name || !view.run(name.run_id)) return undefined;
  const { run_id, mark } = name;
  for (const [contact_id, { proposed_actions }] of view.results(run_id).results) {
    const action = proposed_actions.find((one) => {
      const { action_index, result } = one;
      const isNamed = () => markOf(attemptKey({ run_id, contact_id, action_index })) === mark;
      const known = result?.message_id;
      return mayHaveGone(one) && (known === undefined ? isNamed() : readSentId(known)?.mark === mark);
    });
    const contact = action && view.contact(contact_id);
    if (!contact) continue;
    const entry = view
      .ledger(contact_id)
      .find((one) => one.run_id === run_id && one.action_index === action.action_index);
    const answered = findActionType(action.type)?.answers?.(effectiveParams(action))?.id;
    return { contact, address: entry?.to ?? contact.email, ...(answered === undefined ? {} : { answered }) };
  }
  return undefined;
}

/** Whether an email ever went to one of the contacts that have an address. */
export function everWroteTo(view: View, address: string): boolean {
  return view.contactsAt(address).some(({ id }) => view.ledger(id).some(mayHaveGone));
}

/** Whether an email ever went to one of the contacts that have an address, or is about to: it waits for a person or its time. */
export function writesTo(view: View, address: string): boolean {
  const isMeant = (entry: LedgerEntry) =>
    mayHaveGone(entry) || (WAITS.has(entry.status) && isSentAsIdentity(entry.type));
  return view.contactsAt(address).some(({ id }) => view.ledger(id).some(isMeant));
}

/** Whether an email went to an address within the last 30 days. */
export function wroteTo(view: View, address: string, now: Date): boolean {
  const from = new Date(now.getTime() - REPORTED_MS).toISOString();
  const key = addressKey(address);
  const isTo = (entry: LedgerEntry) =>
    mayHaveGone(entry) && entry.at >= from && (entry.to === undefined || addressKey(entry.to) === key);
  return view.contactsAt(address).some(({ id }) => view.ledger(id).some(isTo));
}

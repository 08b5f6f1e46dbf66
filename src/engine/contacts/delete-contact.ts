import { type Author, PRODUCT } from '../../domain/base/author.ts';
import { BLOCKING_FLAGS, type Contact } from '../../domain/contacts/contact.ts';
import { type KeptObjection, withObjection } from '../../domain/contacts/kept-objections.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findContact } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { cancelling, changeEvents } from '../base/open-changes.ts';
import { decisionsAbout } from '../gate/decision-log.ts';

export type Erased = {
  contact_id: string;
  erased: { events: number; notes: number; results: number };
  redacted: { decisions: number };
  warnings: string[];
};

/**
 * What an erased contact's address had objected to, by a salted digest: who asked not to be written to still isn't when
 * the address comes back (contract, section 3). What was kept of an earlier erasure stays.
 */
function objectedBy(view: View, { newSalt }: Moment, contact: Contact): { objected?: KeptObjection } {
  if (contact.email === undefined) return {};
  const flags = BLOCKING_FLAGS.filter((flag) => contact[flag]);
  const objected = withObjection(view.erasures(), { address: contact.email, flags }, newSalt);
  return objected.flags.length === 0 ? {} : { objected };
}

function erase({ whole: house }: House, by: Author, id: string): Promise<Erased & { thread_ids: readonly string[] }> {
  return house.commit(by, (view, moment) => {
    const { at, newId } = moment;
    const contact = findContact(view, id);
    const contact_id = contact.id;
    const refusal = `An action for contact "${contact_id}" is being executed right now. Call delete_contact again in a moment.`;
    const why = { by, at, reason: 'the contact was deleted', refusal };
    const changes = cancelling(view, { contact_id }, why);
    const { run_ids, agent_ids, thread_ids, results } = view.tracesOf(contact);
    const stand_in = view.standIn(contact_id, newId('erased'));
    const { events, notes } = view.activity(contact_id);
    const decisions = decisionsAbout(view, contact_id).length + changes.length;
    const erased = { events: events.length, notes: notes.length, results };
    return {
      events: [
        ...changeEvents(changes),
        {
          type: 'contact_deleted',
          contact_id,
          run_ids,
          agent_ids,
          thread_ids,
          stand_in,
          ...objectedBy(view, moment, contact),
        },
      ],
      value: { contact_id, erased, redacted: { decisions }, warnings: [], thread_ids },
    };
  });
}

/**
 * Erases what is left of deleted contacts: their files in the outbox, then what earlier commits say of them. Any
 * process may call this again at any time. False where another process is still erasing.
 */
export async function forgetDeleted({ whole: { read, store, deps } }: House): Promise<boolean> {
  const left = await read((view) => [...view.erasures().pending.values()]);
  for (const { contact_id, thread_ids } of left)
    for (const id of [contact_id, ...thread_ids]) await deps.outbox.remove(id);
  return left.length === 0 || store.forget(PRODUCT);
}

const KEPT = 'HOME/outbox or earlier commits in HOME/log may still hold what was written before:';

/** Erases now what is left of a contact. A failure is a warning: the contact is deleted already. */
async function forgetNow(house: House, ids: readonly string[]): Promise<string[]> {
  try {
    // Another process may be erasing, and may have looked into the outbox before this contact was deleted.
    for (const id of ids) await house.deps.outbox.remove(id);
    if (await forgetDeleted(house)) return [];
    return [`${KEPT} another process is erasing it, and goes on until nothing is left.`];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`${KEPT} it is erased as soon as that can be done. ${why}`];
  }
}

/** Erases a contact: fields, events, notes, results, and what the log says of it. Its waiting actions are cancelled. */
export async function deleteContact(house: House, by: Author, id: string): Promise<Erased> {
  const { thread_ids, ...erasure } = await erase(house, by, id);
  return { ...erasure, warnings: await forgetNow(house, [erasure.contact_id, ...thread_ids]) };
}

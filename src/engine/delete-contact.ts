import { removeFromOutbox } from '../actions/outbox.ts';
import { type Author, nameOf, PRODUCT } from '../domain/author.ts';
import type { Contact } from '../domain/contact.ts';
import { standInFor } from '../domain/erasure.ts';
import { conflict } from '../domain/errors.ts';
import type { ActionChange, Event } from '../domain/events.ts';
import type { View } from '../domain/state.ts';
import { decisionsAbout } from './decisions.ts';
import type { House } from './house.ts';
import { findContact } from './lookup.ts';
import { findAction } from './own-effects.ts';

export type Erasure = {
  contact_id: string;
  erased: { events: number; notes: number; results: number };
  redacted: { decisions: number };
  warnings: string[];
};

/** Cancels what waits for a contact; what is unknown goes with it. */
function cancellations(view: View, contact: Contact, by: Author, at: string): ActionChange[] {
  const open = [...view.desk().open.values()].filter((item) => item.contact_id === contact.id);
  if (open.some((item) => item.status === 'executing'))
    throw conflict(
      `An action for contact "${contact.id}" is being executed right now. Call delete_contact again in a moment.`,
    );
  return open
    .filter((item) => item.status !== 'unknown')
    .map((item) => ({
      run_id: item.run_id,
      contact_id: item.contact_id,
      action_index: item.action_index,
      agent_id: item.agent_id,
      from: item.status,
      to: 'cancelled',
      auto_approved: findAction(view, item)?.auto_approved === true,
      at,
      set: { decided_at: at, decided_by: nameOf(by), reason: 'the contact was deleted' },
    }));
}

/** The runs that looked at a contact, or meant to, and their agents. */
function runsOn(view: View, id: string): { run_ids: string[]; agent_ids: string[]; results: number } {
  const found = [...view.runs().values()].filter((run) => {
    const { contact_ids, targets, results } = view.run(run.id);
    return results.has(id) || targets.includes(id) || contact_ids?.includes(id);
  });
  const results = found.filter((run) => view.run(run.id).results.has(id)).length;
  return { run_ids: found.map((run) => run.id), agent_ids: [...new Set(found.map((run) => run.agent_id))], results };
}

/** Conversations about a contact, or in which its address was named: nobody can tell what else they say of it. */
function threadsOn(view: View, { id, email }: Contact): string[] {
  const address = email?.toLowerCase();
  const names = (text: string) => address !== undefined && text.toLowerCase().includes(address);
  const found = [...view.threads().values()].filter(
    ({ thread_id, contact_id }) =>
      contact_id === id || view.thread(thread_id).some((message) => names(message.content)),
  );
  return found.map((thread) => thread.thread_id);
}

function erase(house: House, by: Author, id: string): Promise<Erasure> {
  const { store, deps } = house;
  return store.commit(by, (view) => {
    const contact = findContact(view, id);
    const contact_id = contact.id;
    const changes = cancellations(view, contact, by, deps.now().toISOString());
    const { run_ids, agent_ids, results } = runsOn(view, contact_id);
    const thread_ids = threadsOn(view, contact);
    const stand_in = standInFor(contact_id, deps.newId);
    const { events, notes } = view.activity(contact_id);
    const decisions = decisionsAbout(view, contact_id).length + changes.length;
    const cancelled: Event[] = changes.length > 0 ? [{ type: 'actions_changed', changes }] : [];
    const erased = { events: events.length, notes: notes.length, results };
    return {
      events: [...cancelled, { type: 'contact_deleted', contact_id, run_ids, agent_ids, thread_ids, stand_in }],
      value: { contact_id, erased, redacted: { decisions }, warnings: [] },
    };
  });
}

const KEPT = 'Earlier commits in HOME/log still hold what was written before:';

/** Makes the log forget too; what keeps it from that in words, since the contact is deleted all the same. */
async function forget(house: House): Promise<string[]> {
  try {
    if (await house.store.forget(PRODUCT)) return [];
    return [`${KEPT} another process is erasing it, and goes on until nothing is left.`];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`${KEPT} it is erased as soon as that can be done. ${why}`];
  }
}

/** Erases a person: fields, events, notes, what runs said of it, and what the log tells. What waits for it is cancelled. */
export async function deleteContact(house: House, by: Author, id: string): Promise<Erasure> {
  const erasure = await erase(house, by, id);
  await removeFromOutbox(house.store.home, erasure.contact_id);
  return { ...erasure, warnings: await forget(house) };
}

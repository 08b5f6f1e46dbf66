import type { ThreadMessage } from '../../domain/agents/thread.ts';
import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import type { Traces } from '../../domain/state/view.ts';
import type { Readable } from './readable.ts';

/** Whether messages hold a contact's address, or its row as a function gave it. */
export function isNamedIn(messages: readonly ThreadMessage[], { id, email }: Contact): boolean {
  const addresses = email ? [...new Set([email.toLowerCase(), addressKey(email)])] : [];
  const row = `"id":${JSON.stringify(id)}`;
  const names = (text: string) =>
    text.includes(row) || addresses.some((address) => text.toLowerCase().includes(address));
  return messages.some((message) => names(message.content));
}

/**
 * The conversations about a contact, and those that name it. Nobody can tell what else they say of the contact, so all of it
 * goes.
 */
function threadsOn({ threads, thread }: Readable, contact: Contact): string[] {
  const found = [...threads.get().values()].filter(
    ({ thread_id, contact_id }) => contact_id === contact.id || isNamedIn(thread.get(thread_id), contact),
  );
  return found.map(({ thread_id }) => thread_id);
}

/**
 * What tells of a contact: the runs that evaluated it or meant to, their agents, and the conversations that name it.
 */
export function tracesOf(documents: Readable, contact: Contact): Traces {
  const { id } = contact;
  const found = [...documents.runs.get().values()].filter((run) => {
    const { contact_ids, targets, results } = documents.results.get(run.id);
    return results.has(id) || targets.includes(id) || contact_ids?.includes(id);
  });
  return {
    run_ids: found.map((run) => run.id),
    agent_ids: [...new Set(found.map((run) => run.agent_id))],
    results: found.filter((run) => documents.results.get(run.id).results.has(id)).length,
    thread_ids: threadsOn(documents, contact),
  };
}

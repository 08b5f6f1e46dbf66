import type { Contact } from '../../../domain/contacts/contact.ts';
import type { Traces } from '../../../domain/state/view.ts';
import type { Readable } from './documents.ts';

/** Conversations about a contact, or in which its address was named, or a function told of it: nobody can tell what else they say of it. */
function threadsOn({ threads, thread }: Readable, { id, email }: Contact): string[] {
  const address = email?.toLowerCase();
  const row = `"id":${JSON.stringify(id)}`;
  const names = (text: string) => text.includes(row) || (address !== undefined && text.toLowerCase().includes(address));
  const found = [...threads.get().values()].filter(
    ({ thread_id, contact_id }) => contact_id === id || thread.get(thread_id).some((message) => names(message.content)),
  );
  return found.map(({ thread_id }) => thread_id);
}

/** The runs that looked at a contact, or meant to, their agents, and the conversations that tell of it. */
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

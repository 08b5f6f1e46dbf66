import type { Thread } from '../../../domain/agents/thread.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { compileContactFilter } from '../../../domain/contacts/contact-filter.ts';
import { searchFor } from '../../../domain/contacts/search.ts';
import {
  isAgentOf,
  isOpenOf,
  isRunOf,
  isThreadOf,
  type Named,
  type Page,
  type Rows,
} from '../../../domain/state/queries.ts';
import type { OpenAction } from '../../../domain/state/state.ts';
import type { View } from '../../../domain/state/view.ts';
import { closestTo } from '../../../domain/text/closest.ts';
import type { ContactQuery, TargetQuery, Targets } from '../../store.ts';
import type { Readable } from './documents.ts';

function rowsAt<T>(found: readonly T[], { limit, offset }: Page): Rows<T> {
  return { rows: found.slice(offset, offset + limit), total: found.length };
}

function newestFirst<T>(all: Iterable<T>, isWanted: (item: T) => boolean): T[] {
  return [...all].filter(isWanted).reverse();
}

function inOrderOfProposing(a: OpenAction, b: OpenAction): number {
  return a.proposed_at < b.proposed_at ? -1 : Number(a.proposed_at > b.proposed_at);
}

function newestMessageFirst(a: Thread, b: Thread): number {
  return a.updated_at < b.updated_at ? 1 : Number(a.updated_at > b.updated_at) * -1;
}

function namesOfKind(documents: Readable, kind: Named): Iterable<string> {
  switch (kind) {
    case 'agents':
      return [...documents.agents.get().byId.values()].flatMap((agent) => [agent.name, agent.id]);
    case 'runs':
      return documents.runs.get().keys();
    case 'contacts':
      return documents.contacts.get().byId.keys();
    case 'identities':
      return documents.identities.get().keys();
    case 'threads':
      return documents.threads.get().keys();
  }
}

/** The paged queries of a view. Each reads the one document that lists what is wanted. */
export function findIn(documents: Readable): View['find'] {
  const { agents, runs, contacts, open, threads, identities } = documents;
  return {
    agents: (query, page) =>
      rowsAt(
        newestFirst(agents.get().byId.values(), (agent) => isAgentOf(query, agent)),
        page,
      ),
    runs: (query, page) =>
      rowsAt(
        newestFirst(runs.get().values(), (run) => isRunOf(query, run)),
        page,
      ),
    contacts: (page) => rowsAt([...contacts.get().byId.values()].reverse(), page),
    open(query, page) {
      const found = [...open.get().values()].filter((action) => isOpenOf(query, action));
      return rowsAt(found.sort(inOrderOfProposing), page);
    },
    threads(query, page) {
      const found = [...threads.get().values()].filter((thread) => isThreadOf(query, thread));
      return rowsAt(found.sort(newestMessageFirst), page);
    },
    identities: (page) => rowsAt([...identities.get().values()].reverse(), page),
    similar: (kind, wanted) => closestTo(wanted, namesOfKind(documents, kind)),
  };
}

/** The contacts that a query selects. Throws AppError VALIDATION_ERROR for an invalid filter. */
export function contactsFor({ contacts }: Readable, query: ContactQuery, page: Page): Rows<Contact> {
  const matches = compileContactFilter(query.filter ?? {}, 'filter');
  const isFound = query.query === undefined ? undefined : searchFor(query.query);
  const found: Contact[] = [];
  for (const contact of contacts.get().byId.values())
    if (matches(contact) && (isFound === undefined || isFound(contact))) found.push(contact);
  return rowsAt(query.oldestFirst ? found : found.reverse(), page);
}

/**
 * The contacts that an agent's filter finds: first those that the agent never evaluated, then those that it evaluated
 * longest ago. Throws AppError VALIDATION_ERROR for an invalid filter.
 */
export function targetsFor({ contacts, evaluated }: Readable, query: TargetQuery): Targets {
  const matches = compileContactFilter(query.filter, 'monitoring.filter');
  const last = evaluated.get(query.agent_id);
  const found: { id: string; at: string }[] = [];
  for (const contact of contacts.get().byId.values())
    if (matches(contact)) found.push({ id: contact.id, at: last.get(contact.id) ?? '' });
  if (last.size > 0) found.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return { ids: found.slice(0, query.limit).map((item) => item.id), matched: found.length };
}

import type { Thread } from '../../domain/agents/thread.ts';
import {
  isAgentOf,
  isOpenOf,
  isRunOf,
  isThreadOf,
  type Named,
  type Page,
  type Rows,
} from '../../domain/state/queries.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { closestTo } from '../../domain/text/closest.ts';
import type { Readable } from './readable.ts';

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

/** Among so many contacts, the newest ones, a name is looked for that is close to a wanted one. */
const MOST_COMPARED = 20_000;

function namesOfKind(documents: Readable, kind: Named): Iterable<string> {
  switch (kind) {
    case 'agents':
      return [...documents.agents.get().byId.values()].flatMap((agent) => [agent.name, agent.id]);
    case 'runs':
      return documents.runs.get().keys();
    case 'contacts':
      return documents.people.newestIds(MOST_COMPARED);
    case 'identities':
      return documents.identities.get().keys();
    case 'threads':
      return documents.threads.get().keys();
  }
}

/** The paged queries of a view. Each reads the one document that lists what is wanted. */
export function findIn(documents: Readable): View['find'] {
  const { agents, runs, people, open, threads, identities } = documents;
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
    contacts: people.page,
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

import { addressKey } from '../../../domain/contacts/address.ts';
import { isOlder } from '../../../domain/state/fold-contacts.ts';
import { isOpenOf, OPEN, type OpenQuery } from '../../../domain/state/queries.ts';
import type { Waiting } from '../../../domain/state/state.ts';
import type { View } from '../../../domain/state/view.ts';
import type { Tuning } from '../log/tuning.ts';
import type { Readable } from './documents.ts';
import { findIn } from './find.ts';
import { shardOf, standInFor } from './parts.ts';
import { tracesOf } from './traces.ts';

/** What the documents need to know of their store. */
export type StoreTerms = { tuning: Tuning; isAlive: View['isAlive'] };

/** What a view tells of the home beside its documents. */
export type Around = Pick<View, 'commits' | 'isAlive'>;

type OfAgents = 'agent' | 'agentsNamed' | 'agentsOf' | 'agentFile' | 'evaluatedAt' | 'schedule' | 'schedules';
type OfRuns = 'run' | 'runsOf' | 'results' | 'open' | 'waiting' | 'unfinished' | 'lastRun';
type OfContacts =
  | ('contact' | 'aliasOf' | 'contactAt' | 'contactsAt' | 'formerlyAt')
  | ('tracesOf' | 'activity' | 'ledger' | 'standIn');

function agentsIn({ agents, agentFiles, evaluated, schedules }: Readable): Pick<View, OfAgents> {
  return {
    agent: (id) => agents.get().byId.get(id),
    agentsNamed: (name) => [...(agents.get().byName.get(name.toLowerCase()) ?? [])].sort(),
    agentsOf: (identityId) => [...agents.get().byId.values()].filter((agent) => agent.identity_id === identityId),
    agentFile: (id) => agentFiles.get(id),
    evaluatedAt: (agentId, contactId) => evaluated.get(agentId).get(contactId),
    schedule: (agentId) => schedules.get().get(agentId),
    schedules: () => [...schedules.get()],
  };
}

/**
 * Whether a query can find anything, judged by the counts of waiting actions. These are in memory anyway; the actions
 * may not be.
 */
function mayFind({ agent_id, run_id, statuses = OPEN }: OpenQuery, waiting: ReadonlyMap<string, Waiting>): boolean {
  const counts = run_id === undefined ? [...waiting.values()] : [waiting.get(run_id)];
  return counts.some((run) => {
    if (!run || (agent_id !== undefined && run.agent_id !== agent_id)) return false;
    return statuses.some((status) => (status === 'unknown' ? run.unknown.length > 0 : run[status] > 0));
  });
}

function runsIn({ runs, results, desk, open }: Readable): Pick<View, OfRuns> {
  return {
    run: (id) => runs.get().get(id),
    runsOf: (agentId) => [...runs.get().values()].filter((run) => run.agent_id === agentId),
    results: (runId) => results.get(runId),
    open(query) {
      if (!mayFind(query, desk.get().waiting)) return [];
      return [...open.get().values()].filter((action) => isOpenOf(query, action));
    },
    waiting: () => desk.get().waiting,
    unfinished(agentId) {
      const all = [...desk.get().unfinished.values()];
      return agentId === undefined ? all : all.filter((run) => run.agent_id === agentId);
    },
    lastRun: (agentId) => desk.get().last_runs.get(agentId),
  };
}

function contactsIn(documents: Readable): Pick<View, OfContacts> {
  const { contacts, activity, ledger } = documents;
  return {
    contact: (id) => contacts.get().byId.get(id),
    aliasOf: (id) => contacts.get().aliases.get(id),
    contactAt(email) {
      const book = contacts.get();
      return book.byId.get(book.byEmail.get(addressKey(email)) ?? '');
    },
    contactsAt(email) {
      const book = contacts.get();
      const key = addressKey(email);
      const ids = [book.byEmail.get(key) ?? '', ...(book.sharing.get(key) ?? [])];
      const found = ids.flatMap((id) => book.byId.get(id) ?? []);
      return found.length > 2 ? found.sort((one, other) => (isOlder(one, other) ? -1 : 1)) : found;
    },
    formerlyAt(email) {
      const book = contacts.get();
      const key = addressKey(email);
      const found = (book.former.get(key) ?? []).flatMap((id) => book.byId.get(id) ?? []);
      return found.filter(({ email: now }) => now === undefined || addressKey(now) !== key);
    },
    tracesOf: (contact) => tracesOf(documents, contact),
    activity: (contactId) => activity.get(shardOf(contactId)).get(contactId) ?? { events: [], notes: [] },
    ledger: (contactId) => ledger.get(shardOf(contactId)).get(contactId) ?? [],
    standIn: standInFor,
  };
}

/** The view of a home. It loads a document when it first looks at it. */
export function viewOf(documents: Readable, around: Around): View {
  const { activity, ledger, results } = documents;
  return {
    ...around,
    ...agentsIn(documents),
    ...runsIn(documents),
    ...contactsIn(documents),
    brake: () => documents.brake.get(),
    identity: (id) => documents.identities.get().get(id),
    sent: (identityId) => documents.pace.get().get(identityId),
    mailbox: (identityId) => documents.mailboxes.get().get(identityId),
    thread: (id) => documents.threads.get().get(id),
    messages: (threadId) => documents.thread.get(threadId),
    standing: (agentId) => documents.changes.get().standings.get(agentId),
    changes: () => [...documents.changes.get().waiting.values()],
    permits: () => documents.changes.get().permits,
    key: (tool, key) => documents.keys.get().get(`${tool} ${key}`),
    erasures: () => documents.erasures.get(),
    decisionHead: () => documents.decisionHead.get(),
    decisions: (chunk) => documents.decisions.get(chunk),
    want(wanted) {
      for (const shard of new Set(wanted.activity?.map(shardOf))) activity.get(shard);
      for (const shard of new Set(wanted.ledger?.map(shardOf))) ledger.get(shard);
      for (const id of wanted.results ?? []) results.get(id);
    },
    find: findIn(documents),
  };
}

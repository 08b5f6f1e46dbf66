import { belongingOf, HOME_OWNERS } from '../../domain/agents/audience.ts';
import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { isOpenOf, OPEN, type OpenQuery } from '../../domain/state/queries.ts';
import type { Waiting } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { findIn } from './find.ts';
import type { Readable } from './readable.ts';
import { standInFor } from './shards.ts';
import { tracesOf } from './traces.ts';

/** What a view tells of the home beside its documents. */
export type Around = Pick<View, 'commits' | 'isAlive' | 'hasLeft'>;

type OfAgents =
  | ('agent' | 'agentsNamed' | 'agentsOf' | 'agentFile' | 'belonging')
  | ('evaluatedAt' | 'schedule' | 'schedules');
type OfRuns = 'run' | 'runsOf' | 'results' | 'open' | 'waiting' | 'unfinished' | 'lastRun';
type OfContacts =
  | ('contact' | 'hasContact' | 'aliasOf' | 'contactAt' | 'contactsAt' | 'formerlyAt')
  | ('tracesOf' | 'activity' | 'ledger' | 'standIn');

function agentsIn({ agents, agentFiles, evaluated, schedules }: Readable): Pick<View, OfAgents> {
  return {
    agent: (id) => agents.get().byId.get(id),
    agentsNamed: (name) => [...(agents.get().byName.get(name.toLowerCase()) ?? [])].sort(),
    agentsOf: (identityId) => [...agents.get().byId.values()].filter((agent) => agent.identity_id === identityId),
    agentFile: (id) => agentFiles.get(id),
    belonging(id) {
      const { byId, gone } = agents.get();
      const card = byId.get(id);
      return card ? belongingOf(card) : (gone.get(id) ?? HOME_OWNERS);
    },
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

function hasAddress({ email }: Contact, key: string): boolean {
  return email !== undefined && addressKey(email) === key;
}

function contactsIn(documents: Readable): Pick<View, OfContacts> {
  const { people } = documents;
  const contactsAt = (email: string) => {
    const key = addressKey(email);
    return people.everAt(email).filter((contact) => hasAddress(contact, key));
  };
  return {
    contact: people.contact,
    hasContact: people.has,
    aliasOf: people.aliasOf,
    contactAt: (email) => contactsAt(email)[0],
    contactsAt,
    formerlyAt(email) {
      const key = addressKey(email);
      return people.everAt(email).filter((contact) => !hasAddress(contact, key));
    },
    tracesOf: (contact) => tracesOf(documents, contact),
    activity: people.activity,
    ledger: people.ledger,
    standIn: standInFor,
  };
}

/** The view of a home. It loads a document when it first looks at it. */
export function viewOf(documents: Readable, around: Around): View {
  const { people, results } = documents;
  return {
    ...around,
    shows: () => true,
    shownTo: () => true,
    ...agentsIn(documents),
    ...runsIn(documents),
    ...contactsIn(documents),
    brake: () => documents.brake.get(),
    identity: (id) => documents.identities.get().get(id),
    sent: (identityId) => documents.pace.get().get(identityId),
    spent: () => documents.spent.get(),
    identityVersions: (id) => documents.senders.get().get(id) ?? [],
    mailbox: (identityId) => documents.mailboxes.get().get(identityId),
    thread: (id) => documents.threads.get().get(id),
    messages: (threadId) => documents.thread.get(threadId),
    standing: (agentId) => documents.changes.get().standings.get(agentId),
    changes: () => [...documents.changes.get().waiting.values()],
    permits: () => documents.changes.get().permits,
    key: (tool, key) => documents.keys.get().get(`${tool} ${key}`),
    passkeys: () => documents.passkeys.get(),
    isSpent: (nonce) => documents.nonces.get().has(nonce),
    erasures: () => documents.erasures.get(),
    decisionHead: () => documents.decisionHead.get(),
    decisions: (chunk) => documents.decisions.get(chunk),
    want(wanted) {
      people.want(wanted.activity ?? [], wanted.ledger ?? []);
      for (const id of wanted.results ?? []) results.get(id);
    },
    find: findIn(documents),
  };
}

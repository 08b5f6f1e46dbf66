import { HOME_OWNERS, seesAgent } from '../agents/audience.ts';
import { shownThreadId, type Thread } from '../agents/thread.ts';
import type { Member } from '../base/author.ts';
import type { Activity } from '../contacts/contact.ts';
import type { PasskeyBook } from '../decisions/passkey.ts';
import type { KeptChange } from '../state/kept-change.ts';
import { ALL, type Named, type Page, type Rows } from '../state/queries.ts';
import type { AgentFile, RunResults } from '../state/state.ts';
import type { TeamOwned, Traces, View } from '../state/view.ts';
import { closestTo } from '../text/closest.ts';
import { shownEntries } from './hidden-entries.ts';

const NO_FILE: AgentFile = { versions: [] };

function noResults(): RunResults {
  return { targets: [], results: new Map(), leases: new Map(), taken: new Map() };
}

function pageOfRows<T>(found: readonly T[], { limit, offset }: Page): Rows<T> {
  return { rows: found.slice(offset, offset + limit), total: found.length };
}

/** Whether one person sees what belongs to an agent, to a run's agent, or to a change that waits. */
type Seeing = {
  agent: (agentId: string) => boolean;
  run: (runId: string) => boolean;
  change: (change: KeptChange) => boolean;
  /** Whether the store itself lets the person's team have it. */
  stored: (what: TeamOwned, id: string) => boolean;
  /** The id of that person. */
  person: string;
};

function seeingOf(whole: View, member: Member): Seeing {
  const known = new Map<string, boolean>();
  const stored = (what: TeamOwned, id: string) => whole.shownTo(member.team, what, id);
  const agent = (id: string) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const sees = seesAgent(member, whole.belonging(id)) && stored('agent', id);
    known.set(id, sees);
    return sees;
  };
  const run = (id: string) => {
    const found = whole.run(id);
    return found !== undefined && agent(found.agent_id);
  };
  return { agent, run, stored, change: (change) => seesChange(change, agent, member), person: member.id };
}

/**
 * A change is seen by whoever sees the agents that it is of; a new agent's by whoever will see that agent. Identities and
 * imports belong to the home: what is shown of their changes names no agent.
 */
function seesChange({ call, asker }: KeptChange, agent: (id: string) => boolean, member: Member): boolean {
  switch (call.tool) {
    case 'grant':
      return call.grants.every(({ agent_id }) => agent(agent_id));
    case 'update_agent':
    case 'delete_agent':
      return agent(call.agent_id);
    case 'create_agent':
      return seesAgent(member, { ...(asker ?? HOME_OWNERS), visibility: call.input.visibility ?? 'private' });
    case 'save_identity':
    case 'import_contacts':
      return true;
  }
}

type OfAgents = 'agent' | 'agentsNamed' | 'agentsOf' | 'agentFile' | 'evaluatedAt' | 'lastRun' | 'standing';

function agentsSeen(whole: View, sees: Seeing): Pick<View, OfAgents | 'schedule' | 'schedules' | 'changes'> {
  return {
    agent: (id) => (sees.agent(id) ? whole.agent(id) : undefined),
    agentsNamed: (name) => whole.agentsNamed(name).filter(sees.agent),
    agentsOf: (identityId) => whole.agentsOf(identityId).filter(({ id }) => sees.agent(id)),
    agentFile: (id) => (sees.agent(id) ? whole.agentFile(id) : NO_FILE),
    evaluatedAt: (agentId, contactId) => (sees.agent(agentId) ? whole.evaluatedAt(agentId, contactId) : undefined),
    lastRun: (agentId) => (sees.agent(agentId) ? whole.lastRun(agentId) : undefined),
    standing: (agentId) => (sees.agent(agentId) ? whole.standing(agentId) : undefined),
    schedule: (agentId) => (sees.agent(agentId) ? whole.schedule(agentId) : undefined),
    schedules: () => whole.schedules().filter(([agentId]) => sees.agent(agentId)),
    changes: () => whole.changes().filter(sees.change),
  };
}

type OfRuns = 'run' | 'runsOf' | 'results' | 'open' | 'waiting' | 'unfinished' | 'thread' | 'messages' | 'decisions';

function runsSeen(whole: View, sees: Seeing): Pick<View, OfRuns> {
  const isSeen = ({ agent_id }: { agent_id: string }) => sees.agent(agent_id);
  const thread = (id: string) => {
    const found = whole.thread(id);
    return found && isSeen(found) ? found : undefined;
  };
  return {
    run: (id) => (sees.run(id) ? whole.run(id) : undefined),
    runsOf: (agentId) => (sees.agent(agentId) ? whole.runsOf(agentId) : []),
    results: (runId) => (sees.run(runId) && sees.stored('run', runId) ? whole.results(runId) : noResults()),
    open: (query) => whole.open(query).filter(isSeen),
    waiting: () => new Map([...whole.waiting()].filter(([, waiting]) => isSeen(waiting))),
    unfinished: (agentId) => whole.unfinished(agentId).filter(isSeen),
    thread,
    messages: (threadId) => (thread(threadId) && sees.stored('thread', threadId) ? whole.messages(threadId) : []),
    decisions: (chunk) =>
      whole.decisions(chunk).filter(({ agent_id, passkey, person }) => {
        // Which passkeys somebody has is theirs alone to know.
        if (passkey !== undefined && person !== sees.person) return false;
        return agent_id === undefined || sees.agent(agent_id);
      }),
  };
}

function historySeen(whole: View, sees: Seeing): Pick<View, 'tracesOf' | 'activity' | 'ledger'> {
  return {
    tracesOf(contact): Traces {
      const { run_ids, agent_ids, thread_ids } = whole.tracesOf(contact);
      const runs = run_ids.filter(sees.run);
      const results = runs.filter((id) => whole.results(id).results.has(contact.id)).length;
      const threads = thread_ids.filter((id) => sees.agent(whole.thread(id)?.agent_id ?? ''));
      return { run_ids: runs, agent_ids: agent_ids.filter(sees.agent), results, thread_ids: threads };
    },
    activity(contactId): Activity {
      const { events, notes } = whole.activity(contactId);
      return { events, notes: notes.filter(({ agent_id }) => sees.agent(agent_id)) };
    },
    ledger: (contactId) => shownEntries(whole.ledger(contactId), sees.agent),
  };
}

function findSeen(whole: View, sees: Seeing): View['find'] {
  const isSeen = ({ agent_id }: { agent_id: string }) => sees.agent(agent_id);
  const isSeenThread = (thread: Thread | undefined) => thread !== undefined && isSeen(thread);
  const all = {
    agents: () => whole.find.agents({ status: 'any' }, ALL).rows.filter(({ id }) => sees.agent(id)),
    runs: () => whole.find.runs({}, ALL).rows.filter(isSeen),
    threads: () => whole.find.threads({}, ALL).rows.filter(isSeen),
  };
  const namesOf: Record<Named, (() => string[]) | 'the home’s'> = {
    contacts: 'the home’s',
    identities: 'the home’s',
    agents: () =>
      all
        .agents()
        .reverse()
        .flatMap(({ name, id }) => [name, id]),
    runs: () => all.runs().map(({ id }) => id),
    threads: () => all.threads().map((thread) => shownThreadId(thread, (id) => isSeenThread(whole.thread(id)))),
  };
  return {
    agents: (query, page) =>
      pageOfRows(
        whole.find.agents(query, ALL).rows.filter(({ id }) => sees.agent(id)),
        page,
      ),
    runs: (query, page) => pageOfRows(whole.find.runs(query, ALL).rows.filter(isSeen), page),
    contacts: whole.find.contacts,
    open: (query, page) => pageOfRows(whole.find.open(query, ALL).rows.filter(isSeen), page),
    threads: (query, page) => pageOfRows(whole.find.threads(query, ALL).rows.filter(isSeen), page),
    identities: whole.find.identities,
    similar(kind, wanted) {
      const names = namesOf[kind];
      return names === 'the home’s' ? whole.find.similar(kind, wanted) : closestTo(wanted, names());
    },
  };
}

/** One's own passkeys, and whether everybody has to sign: that holds for the home. */
function passkeysSeen(whole: View, { id }: Member): PasskeyBook {
  const { keys, ...rest } = whole.passkeys();
  return { ...rest, keys: new Map([...keys].filter(([, { person }]) => person === id)) };
}

/**
 * A view as one of a team sees it: the one place that says what of state somebody sees. Another's private agent isn't there,
 * nor is anything of it. Of what it did to a contact, what, how it went and when is left. Each key of a view is named here,
 * so that a new one doesn't compile before somebody says how it is limited.
 */
export function limitView(whole: View, member: Member): View {
  const sees = seeingOf(whole, member);
  return {
    whole,
    shows: sees.agent,
    shownTo: whole.shownTo,
    // Never shown; the gate asks it of agents that the caller doesn't see, to leave out what they did.
    belonging: whole.belonging,
    ...agentsSeen(whole, sees),
    ...runsSeen(whole, sees),
    ...historySeen(whole, sees),
    find: findSeen(whole, sees),
    // The home's own, which all of its teams share.
    commits: whole.commits,
    contact: whole.contact,
    hasContact: whole.hasContact,
    contactAt: whole.contactAt,
    contactsAt: whole.contactsAt,
    formerlyAt: whole.formerlyAt,
    aliasOf: whole.aliasOf,
    brake: whole.brake,
    identity: whole.identity,
    identityVersions: whole.identityVersions,
    spent: () => new Map([...whole.spent()].filter(([agentId]) => sees.agent(agentId))),
    sent: whole.sent,
    mailbox: whole.mailbox,
    permits: whole.permits,
    passkeys: () => passkeysSeen(whole, member),
    isSpent: whole.isSpent,
    // A caller's own: `engine/base/idempotency.ts` keeps the keys of different callers apart.
    key: whole.key,
    erasures: whole.erasures,
    standIn: whole.standIn,
    decisionHead: whole.decisionHead,
    isAlive: whole.isAlive,
    hasLeft: whole.hasLeft,
    want: whole.want,
  };
}

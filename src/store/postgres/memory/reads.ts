import { addressKey } from '../../../domain/contacts/address.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { isOlder } from '../../../domain/state/fold-contacts.ts';
import type { Traces, View } from '../../../domain/state/view.ts';
import type { ContactReads, Readable } from '../../documents/readable.ts';
import { isNamedIn } from '../../documents/traces.ts';
import { type Around, viewOf } from '../../documents/view.ts';
import type { Core, RowFamilies } from './families.ts';
import type { Queries } from './queries.ts';
import { evaluationKey } from './row-kinds.ts';
import type { ShownToTeams } from './shown-to-teams.ts';

type Memories = { core: Core; rows: RowFamilies; queries: Queries; shown: ShownToTeams };

function contactReadsIn({ rows, queries }: Memories): ContactReads {
  const contact = (id: string) => rows.contacts.get(id).value;
  return {
    contact,
    has: (id) => contact(id) !== undefined,
    aliasOf: (id) => rows.aliases.get(id).value,
    everAt(email) {
      const ids = [...rows.addresses.get(addressKey(email))];
      const found = ids.flatMap((id) => contact(id) ?? []);
      return found.length > 1 ? found.sort((one, other) => (isOlder(one, other) ? -1 : 1)) : found;
    },
    activity: (id) => rows.activity.get(id).get(id) ?? { events: [], notes: [] },
    ledger: (id) => rows.ledger.get(id).get(id) ?? [],
    page({ limit, offset }) {
      return queries.pages.get(JSON.stringify([Number.isFinite(limit) ? limit : null, offset]));
    },
    newestIds: (most) => queries.newest.get(String(most)),
    want(activity, ledger) {
      for (const id of activity) rows.activity.get(id);
      for (const id of ledger) rows.ledger.get(id);
    },
  };
}

/** What tells of a contact, in the order in which the runs and the conversations came. */
function tracesIn({ core, rows, queries }: Memories, contact: Contact): Traces {
  const { id, email = null } = contact;
  const traces = queries.traces.get(JSON.stringify({ id, email }));
  const runs = [...core.runs.get().values()].filter((run) => traces.runs.includes(run.id));
  const suspects = new Set(traces.threads);
  const threads = [...core.threads.get().values()].filter(
    ({ thread_id, contact_id }) =>
      contact_id === id || (suspects.has(thread_id) && isNamedIn(rows.thread.get(thread_id), contact)),
  );
  return {
    run_ids: runs.map((run) => run.id),
    agent_ids: [...new Set(runs.map((run) => run.agent_id))],
    results: runs.filter((run) => traces.evaluated.includes(run.id)).length,
    thread_ids: threads.map(({ thread_id }) => thread_id),
  };
}

/** The view of a home in a database. What isn't in memory, it notes as missed. */
export function databaseView(memories: Memories, around: Around): View {
  const { core, rows, shown } = memories;
  const readable: Readable = {
    ...core,
    ...{ agentFiles: rows.agentFiles, results: rows.results, thread: rows.thread, decisions: rows.decisions },
    evaluated: { get: (agent) => ({ get: (contact) => rows.evaluated.get(evaluationKey(agent, contact)).value }) },
    keys: { get: () => ({ get: (key) => rows.keys.get(key).value }) },
    nonces: { get: () => ({ has: (nonce) => rows.nonces.get(nonce).value === true }) },
    people: contactReadsIn(memories),
  };
  return {
    ...viewOf(readable, around),
    tracesOf: (contact) => tracesIn(memories, contact),
    shownTo: (team, what, id) => shown.get(team, what, id),
  };
}

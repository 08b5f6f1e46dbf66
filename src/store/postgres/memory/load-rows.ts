import type { Client } from 'pg';
import { isObject } from '../../../domain/base/json.ts';
import type { Activity, Contact } from '../../../domain/contacts/contact.ts';
import { type DecisionEntry, nextChunk, redacted } from '../../../domain/decisions/decision.ts';
import type { LedgerEntry } from '../../../domain/state/state.ts';
import { readCommitLine } from './commit-lines.ts';
import type { RowFamilies } from './families.ts';
import { idOfKey, rowKey } from './row-key.ts';

/** Puts what was read into memory. */
export type PutRow = () => void;
type Ids = readonly string[];
type Loader = (client: Client, ids: Ids, families: RowFamilies) => Promise<PutRow[]>;
type Bodied = { key: string; body: string };

/** Puts each wanted document: with what is among the rows for it, or as one that there isn't. */
function putEach<D extends object>(
  ids: Ids,
  found: ReadonlyMap<string, { data: D; weight: number }>,
  put: (id: string, data: D | undefined, weight: number) => void,
): PutRow[] {
  return ids.map((id) => () => {
    const row = found.get(rowKey(id));
    put(id, row?.data, row?.weight ?? 0);
  });
}

async function bodies(client: Client, text: string, ids: Ids): Promise<Bodied[]> {
  return (await client.query<Bodied>(text, [ids.map(rowKey)])).rows;
}

/** A loader of documents of which each is one row, whose body is JSON. `dataOf` makes of a body what the family loads. */
function byBody<D extends object>(
  text: string,
  dataOf: (id: string, body: string) => D,
  put: (families: RowFamilies) => (id: string, data: D | undefined, weight: number) => void,
): Loader {
  return async (client, ids, families) => {
    const found = new Map<string, { data: D; weight: number }>();
    for (const { key, body } of await bodies(client, text, ids))
      found.set(key, { data: dataOf(idOfKey(key), body), weight: body.length });
    return putEach(ids, found, put(families));
  };
}

const loadAddresses: Loader = async (client, ids, families) => {
  const { rows } = await client.query<{ key: string; contact_id: string; body: string | null }>(
    `select a.key, a.contact_id, c.body from addresses a left join contacts c on c.id = a.contact_id
     where a.key = any($1) order by a.n`,
    [ids.map(rowKey)],
  );
  const found = new Map<string, { data: string[]; weight: number }>();
  const puts: PutRow[] = [];
  for (const { key, contact_id, body } of rows) {
    const id = idOfKey(contact_id);
    const { data } = found.get(key) ?? { data: [] };
    found.set(key, { data: [...data, id], weight: 0 });
    // Whoever asks for an address asks for its contacts next.
    if (body === null) continue;
    const value: Contact = JSON.parse(body);
    puts.push(() => families.contacts.put(id, { value }, body.length));
  }
  return [...puts, ...putEach(ids, found, (id, data, weight) => families.addresses.put(id, data, weight))];
};

const loadEvaluated: Loader = async (client, ids, families) => {
  const pairs = ids.map((id) => [id.slice(0, id.indexOf(' ')), rowKey(id.slice(id.indexOf(' ') + 1))]);
  const { rows } = await client.query<{ agent_id: string; contact_id: string; at: string }>(
    `select e.agent_id, e.contact_id, e.at from evaluated e
     join unnest($1::text[], $2::text[]) as w(agent_id, contact_id) using (agent_id, contact_id)`,
    [pairs.map(([agent]) => agent), pairs.map(([, contact]) => contact)],
  );
  const found = new Map(
    rows.map(({ agent_id, contact_id, at }) => [
      rowKey(`${agent_id} ${idOfKey(contact_id)}`),
      { data: { value: at }, weight: 0 },
    ]),
  );
  return putEach(ids, found, (id, data, weight) => families.evaluated.put(id, data, weight));
};

/** Who has contacts of a run in hand, as its row has it: leases alone, or with what processes have taken. */
function inHandOf(text: string | null | undefined): object {
  const found: unknown = JSON.parse(text ?? '[]');
  return isObject(found) ? found : { leases: found };
}

const loadRuns: Loader = async (client, ids, families) => {
  const { rows } = await client.query<{ run_id: string; body: string | null; leases: string | null }>(
    'select run_id, body, leases from runs where run_id = any($1)',
    [ids],
  );
  const results = await client.query<{ run_id: string; body: string }>(
    'select run_id, body from results where run_id = any($1) order by born, place',
    [ids],
  );
  const byRun = new Map<string, string[]>();
  for (const { run_id, body } of results.rows) {
    const list = byRun.get(run_id);
    if (list) list.push(body);
    else byRun.set(run_id, [body]);
  }
  const known = new Map(rows.map((row) => [row.run_id, row]));
  return ids.map((id) => () => {
    const own = byRun.get(id) ?? [];
    const { body, leases } = known.get(id) ?? {};
    if (own.length === 0 && !known.has(id)) return families.results.put(id, undefined, 0);
    const data = {
      ...JSON.parse(body ?? '{"targets":[]}'),
      ...inHandOf(leases),
      results: own.map((text) => JSON.parse(text)),
    };
    const weight = own.reduce((sum, text) => sum + text.length, (body ?? '').length);
    return families.results.put(id, data, weight);
  });
};

const loadAgentFiles: Loader = async (client, ids, families) => {
  const { rows } = await client.query<{ agent_id: string; versions: string | null; usage: string | null }>(
    'select agent_id, versions, usage from agent_files where agent_id = any($1)',
    [ids],
  );
  const known = new Map(rows.map((row) => [row.agent_id, row]));
  return ids.map((id) => () => {
    const row = known.get(id);
    const file = {
      versions: JSON.parse(row?.versions ?? '[]'),
      ...(row?.usage ? { usage: JSON.parse(row.usage) } : {}),
    };
    families.agentFiles.put(id, file, row?.versions?.length ?? 0);
  });
};

/** The entries of each document of the decision log, from the lines of the commits that recorded them. */
const loadDecisions: Loader = async (client, ids, families) => {
  const puts: PutRow[] = [];
  for (const chunk of ids) {
    const first = Number(chunk);
    const { rows } = await client.query<{ line: string }>(
      `select line from commits where n in (select n from decisions where seq >= $1 and seq < $2) order by n`,
      [first, nextChunk(first)],
    );
    const gone = await client.query<{ seq: number }>('select seq from redactions where seq >= $1 and seq < $2', [
      ...[first, nextChunk(first)],
    ]);
    const isGone = new Set(gone.rows.map(({ seq }) => seq));
    const entries: DecisionEntry[] = [];
    for (const { line } of rows)
      for (const event of readCommitLine(line).commit.events)
        if (event.type === 'decisions_recorded')
          for (const entry of event.entries)
            if (entry.seq >= first && entry.seq < nextChunk(first))
              entries.push(isGone.has(entry.seq) ? redacted(entry) : entry);
    puts.push(() => families.decisions.put(chunk, entries, entries.length * 500));
  }
  return puts;
};

const loadNonces: Loader = async (client, ids, families) => {
  const { rows } = await client.query<{ nonce: string }>('select nonce from nonces where nonce = any($1)', [
    ids.map(rowKey),
  ]);
  const found = new Map(rows.map(({ nonce }) => [nonce, { data: { value: true as const }, weight: 0 }]));
  return putEach(ids, found, (id, data, weight) => families.nonces.put(id, data, weight));
};

const LOADERS: Readonly<Record<string, Loader>> = {
  'contacts/': byBody(
    'select id as key, body from contacts where id = any($1)',
    (_, body) => ({ value: JSON.parse(body) }),
    (families) => (id, data, weight) => families.contacts.put(id, data, weight),
  ),
  'aliases/': byBody(
    'select id as key, contact_id as body from aliases where id = any($1)',
    (_, body) => ({ value: idOfKey(body) }),
    (families) => (id, data, weight) => families.aliases.put(id, data, weight),
  ),
  'addresses/': loadAddresses,
  'activity/': byBody(
    'select contact_id as key, body from activity where contact_id = any($1)',
    (id, body): [string, Activity][] => [[id, JSON.parse(body)]],
    (families) => (id, data, weight) => families.activity.put(id, data, weight),
  ),
  'ledger/': byBody(
    'select contact_id as key, body from ledger where contact_id = any($1)',
    (id, body): [string, LedgerEntry[]][] => [[id, JSON.parse(body)]],
    (families) => (id, data, weight) => families.ledger.put(id, data, weight),
  ),
  'evaluated/': loadEvaluated,
  'runs/': loadRuns,
  'threads/': byBody(
    'select thread_id as key, body from messages where thread_id = any($1)',
    (_, body) => JSON.parse(body),
    (families) => (id, data, weight) => families.thread.put(id, data, weight),
  ),
  'agents/': loadAgentFiles,
  'decisions/': loadDecisions,
  'keys/': byBody(
    'select key, body from keys where key = any($1)',
    (_, body) => ({ value: JSON.parse(body) }),
    (families) => (id, data, weight) => families.keys.put(id, data, weight),
  ),
  'nonces/': loadNonces,
};

/** Reads the wanted documents, by family and id, and gives what puts them into memory. */
export async function loadRows(
  client: Client,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  families: RowFamilies,
): Promise<PutRow[]> {
  const puts: PutRow[] = [];
  for (const [family, ids] of wanted) {
    const load = LOADERS[family];
    if (load) puts.push(...(await load(client, [...ids], families)));
  }
  return puts;
}

import type { Client } from 'pg';
import { addressKey } from '../../../domain/contacts/address.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import type { Rows } from '../../../domain/state/queries.ts';
import { Answers } from './answers.ts';
import type { Attention } from './family.ts';
import { idOfKey, rowKey } from './row-key.ts';

/** Of more contacts a page tells that there are at least so many. */
const MOST_COUNTED = 10_000;

/** Where a contact appears, as the rows have it; `threads` are those that may tell of it. */
export type TracesFound = { runs: string[]; evaluated: string[]; threads: string[] };
/** Where a contact came, and the names by which a home of files finds it. */
export type BirthFound = { born: number; part: number; names: string[] };

/** How many contacts there are, as far as `most`: to count a million takes a second. */
async function contactTotal(client: Client, most: number | null): Promise<Omit<Rows<Contact>, 'rows'>> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*) from (select from contacts limit $1::bigint + 1) x',
    [most],
  );
  const count = rows[0]?.count ?? 0;
  return most !== null && count > most ? { total: most, isAtLeast: true } : { total: count };
}

async function contactPage(client: Client, key: string): Promise<Rows<Contact>> {
  const [limit, offset]: [number | null, number] = JSON.parse(key);
  const { rows } = await client.query<{ body: string }>(
    'select body from contacts order by born desc, part desc, place desc limit $1 offset $2',
    [limit, offset],
  );
  const total = await contactTotal(client, limit === null ? null : Math.max(MOST_COUNTED, offset + limit));
  return { rows: rows.map(({ body }) => JSON.parse(body)), ...total };
}

async function newestIdsOf(client: Client, most: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>(
    'select id from contacts order by born desc, part desc, place desc limit $1',
    [Number(most)],
  );
  return rows.map(({ id }) => idOfKey(id));
}

/** What a message that names a contact has in it, as JSON writes it. */
function needlesOf({ id, email }: { id: string; email: string | null }): string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const row = inJson(`"id":${JSON.stringify(id)}`);
  const addresses = email ? [email.toLowerCase(), addressKey(email)] : [];
  return [row, ...addresses.map(inJson)].map((text) => text.toLowerCase());
}

async function tracesFound(client: Client, key: string): Promise<TracesFound> {
  const contact: { id: string; email: string | null } = JSON.parse(key);
  const runs = await client.query<{ run_id: string; has: boolean }>(
    `select p.run_id, exists (select from results r where r.run_id = p.run_id and r.contact_id = p.contact_id) as has
     from run_people p where p.contact_id = $1`,
    [rowKey(contact.id)],
  );
  // The database writes other letters small than JavaScript does, so it only looks for those of ASCII, and writes those
  // small as everybody does: in Turkish the small letter of I is another one.
  const needles = needlesOf(contact).map((text) => /[\x20-\x7e]+/.exec(text)?.[0] ?? '');
  const threads = await client.query<{ thread_id: string }>(
    'select thread_id from messages where exists (select from unnest($1::text[]) w where position(w in lower(body collate "C")) > 0)',
    [needles],
  );
  return {
    runs: runs.rows.map(({ run_id }) => run_id),
    evaluated: runs.rows.filter(({ has }) => has).map(({ run_id }) => run_id),
    threads: threads.rows.map(({ thread_id }) => thread_id),
  };
}

async function birthFound(client: Client, id: string): Promise<BirthFound | null> {
  const contact = await client.query<{ born: number; part: number }>('select born, part from contacts where id = $1', [
    rowKey(id),
  ]);
  const [row] = contact.rows;
  if (!row) return null;
  const names = await client.query<{ name: string }>(
    `select key as name, n from addresses where contact_id = $1
     union all select id, n from aliases where contact_id = $1 order by n`,
    [rowKey(id)],
  );
  return { ...row, names: names.rows.map(({ name }) => idOfKey(name)) };
}

/** The queries that looks ask beside documents. */
export function queriesIn(attention: Attention) {
  return {
    pages: new Answers<Rows<Contact>>('?pages', { rows: [], total: 0 }, attention, contactPage),
    newest: new Answers<readonly string[]>('?newest', [], attention, newestIdsOf),
    traces: new Answers<TracesFound>('?traces', { runs: [], evaluated: [], threads: [] }, attention, tracesFound),
    births: new Answers<BirthFound | null>('?births', null, attention, birthFound),
  };
}

export type Queries = ReturnType<typeof queriesIn>;

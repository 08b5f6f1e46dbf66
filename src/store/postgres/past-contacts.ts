import type { Client } from 'pg';
import { aliasedIn, asItWas, type ContactPart, demandCommits, type PartsByName } from '../documents/as-it-was.ts';
import type { AsItWas, PastContact } from '../store.ts';
import { Slices } from '../turns.ts';
import type { DatabaseAccess } from './access/database-access.ts';
import { linesNumbered } from './connection/lines-after.ts';
import { readCommitLine } from './memory/commit-lines.ts';
import { partsAbout } from './memory/mentioned.ts';
import { idOfKey, rowKey } from './memory/row-key.ts';

/** Adds what commits up to `until` say of the contacts with these names. A deletion has taken what came before it. */
async function addParts(
  client: Client,
  names: readonly string[],
  until: number,
  parts: Map<string, ContactPart[]>,
): Promise<void> {
  const { rows } = await client.query<{ n: number; names: string[] }>(
    'select n, array_agg(name) as names from mentions where name = any($1) and n <= $2 group by n order by n',
    [names.map(rowKey), until],
  );
  for (const name of names) if (!parts.has(name)) parts.set(name, []);
  const slices = new Slices();
  const named = new Map(rows.map((row) => [row.n, row.names.map(idOfKey)]));
  for await (const lines of linesNumbered(client, [...named.keys()]))
    for (const { line } of lines) {
      const { n, events } = readCommitLine(line).commit;
      for (const [at, event] of events.entries())
        for (const name of named.get(n) ?? [])
          for (const part of partsAbout(event, name)) parts.get(name)?.push({ n, at, event: part });
      if (slices.isDue) await slices.next();
    }
}

async function readParts(access: DatabaseAccess, wanted: readonly PastContact[]): Promise<PartsByName> {
  const ids = [...new Set(wanted.map(({ contact_id }) => contact_id))];
  const until = wanted.reduce((latest, { commit }) => Math.max(latest, commit), 0);
  return access.connections.untilDone(async (client) => {
    const parts = new Map<string, ContactPart[]>();
    // What is read is of one time: an erasure under way takes all of a contact, or nothing yet.
    await client.query('begin isolation level repeatable read read only');
    await addParts(client, ids, until, parts);
    const targets = [...new Set(ids.flatMap((id) => aliasedIn(id, parts)))].filter((id) => !parts.has(id));
    if (targets.length > 0) await addParts(client, targets, until, parts);
    await client.query('commit');
    return parts;
  });
}

/**
 * Contacts as they were at commits that are over, in the order in which they are wanted. Throws AppError VALIDATION_ERROR for
 * a commit that there isn't.
 */
export async function pastContacts(
  access: DatabaseAccess,
  wanted: readonly PastContact[],
): Promise<(AsItWas | undefined)[]> {
  demandCommits(wanted, await access.read((view) => view.commits()));
  if (wanted.length === 0) return [];
  const parts = await readParts(access, wanted);
  const slices = new Slices();
  const found: (AsItWas | undefined)[] = [];
  for (const one of wanted) {
    found.push(asItWas(one, parts));
    if (slices.isDue) await slices.next();
  }
  return found;
}

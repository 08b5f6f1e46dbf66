import type { Contact } from '../../../domain/contacts/contact.ts';
import { Turns } from '../../turns.ts';
import type { DatabaseAccess } from '../access/database-access.ts';
import { rowKey } from '../memory/row-key.ts';
import type { Narrowing } from './narrowing.ts';

type Row = { born: number; part: number; place: number; body: string; evaluated: string | null };
/** A contact on the way, and when the agent that is asked about evaluated it last. */
export type Passed = { contact: Contact; evaluated: string | null };
/** From which end a walk goes, and the agent whose evaluations are asked for. */
export type WalkWay = { part: string; isOldestFirst: boolean; agentId?: string };

/** So many contacts are read at once. Where they aren't found in their order, each reading finds and sorts all of them anew. */
const FIRST = 2_000;
const MOST = 4_000;
const INSTEAD = 'Use a simpler filter: fewer conditions, shorter patterns and lists.';
/** The most time that a walk may take for what is looked at, in ms. Reading doesn't count. */
const MOST_MS = 10_000;

function textOf({ where, values }: Narrowing, { isOldestFirst }: WalkWay): string {
  const n = values.length;
  const [than, order] = isOldestFirst ? ['>', 'asc'] : ['<', 'desc'];
  return `select c.born, c.part, c.place, c.body, e.at as evaluated from contacts c
    left join evaluated e on e.contact_id = c.id and e.agent_id = $${n + 1}
    where (c.born, c.part, c.place) ${than} ($${n + 2}, $${n + 3}, $${n + 4}) and ${where}
    order by c.born ${order}, c.part ${order}, c.place ${order} limit $${n + 5}`;
}

/**
 * Gives the contacts that a condition lets pass, in the order in which they came or in the reverse one. `take` returns whether it wants
 * more. Other calls run in between. Throws AppError LIMIT_EXCEEDED.
 */
export async function walkContacts(
  access: DatabaseAccess,
  narrowing: Narrowing,
  way: WalkWay,
  take: (passed: Passed) => boolean,
): Promise<void> {
  const turns = new Turns(way.part, INSTEAD, MOST_MS);
  const text = textOf(narrowing, way);
  let after = way.isOldestFirst ? [0, 0, -1] : [Number.MAX_SAFE_INTEGER, 0, 0];
  for (let limit = FIRST; ; limit = MOST) {
    const values = [...narrowing.values, rowKey(way.agentId ?? ''), ...after, limit];
    const { rows } = await access.connections.untilDone((client) => client.query<Row>(text, values));
    turns.begin();
    for (const { body, evaluated } of rows) {
      if (!take({ contact: JSON.parse(body), evaluated })) return;
      if (turns.isDue) await turns.next();
    }
    const last = rows.at(-1);
    if (!last || rows.length < limit) return;
    after = [last.born, last.part, last.place];
    await turns.next();
  }
}

import { overBudget } from '../../../domain/base/budget.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { CALL_MS, LONGEST_SLICE_MS, Turns } from '../../turns.ts';
import type { DatabaseAccess } from '../access/database-access.ts';
import { rowKey } from '../memory/row-key.ts';
import type { Narrowing } from './narrowing.ts';

type Key = [born: number, part: number, place: number];
type Row = { born: number; part: number; place: number; body: string; evaluated: string | null };
/** A contact on the way, and when the agent that is asked about evaluated it last. */
export type Passed = { contact: Contact; evaluated: string | null };
/** From which end a walk goes, and the agent whose evaluations are asked for. */
export type WalkWay = { part: string; isOldestFirst: boolean; agentId?: string };
/** Who goes along: each is told of a contact that passes, and of how many the database has left out; both return whether they want more. */
export type Walker = { take: (passed: Passed) => boolean; leaveOut?: (count: number) => boolean };

/** So many contacts are read at once. Where they aren't found in their order, each reading finds and sorts all of them anew. */
const AT_ONCE = 4_000;
/** Where no index helps, the database looks at so many in one statement: at all of them, it could take longer than a statement may. */
const STRETCH = 10_000;
const INSTEAD = 'Use a simpler filter: fewer conditions, shorter patterns and lists.';
/** The most work of a walk in all, in ms: making objects of rows may take much of it. Waiting for the database doesn't count. */
const MOST_MS = 10_000;
/** Before the oldest contact, and behind the newest one. */
const OLDEST: Key = [0, 0, -1];
const NEWEST: Key = [Number.MAX_SAFE_INTEGER, 0, 0];

const orderOf = ({ isOldestFirst }: WalkWay) =>
  isOldestFirst ? { than: '>', upTo: '<=', order: 'asc' } : { than: '<', upTo: '>=', order: 'desc' };

function textOf({ where, values }: Narrowing, way: WalkWay): string {
  const { than, upTo, order } = orderOf(way);
  const place = (index: number) => `$${values.length + index}`;
  const [evaluated, join] =
    way.agentId === undefined
      ? ['null', '']
      : ['e.at', `left join evaluated e on e.contact_id = c.id and e.agent_id = ${place(8)}`];
  return `select c.born, c.part, c.place, c.body, ${evaluated} as evaluated from contacts c ${join}
    where (c.born, c.part, c.place) ${than} (${place(1)}, ${place(2)}, ${place(3)})
      and (c.born, c.part, c.place) ${upTo} (${place(4)}, ${place(5)}, ${place(6)}) and ${where}
    order by c.born ${order}, c.part ${order}, c.place ${order} limit ${place(7)}`;
}

/** The last contact of the stretch that begins behind one; undefined where the walk ends within it. */
async function endOfStretch(access: DatabaseAccess, after: Key, way: WalkWay): Promise<Key | undefined> {
  const { than, order } = orderOf(way);
  const text = `select born, part, place from contacts where (born, part, place) ${than} ($1, $2, $3)
    order by born ${order}, part ${order}, place ${order} offset ${STRETCH - 1} limit 1`;
  const { rows } = await access.connections.untilDone((client) => client.query<Omit<Row, 'body'>>(text, after));
  return rows[0] && [rows[0].born, rows[0].part, rows[0].place];
}

/** Takes along one who may do as much work in all as a call may (contract, section 3, "Filter"). */
function bounded(take: Walker['take'], part: string): Walker['take'] {
  let worked = 0;
  return (passed) => {
    const began = performance.now();
    const isGoingOn = take(passed);
    worked += Math.min(performance.now() - began, LONGEST_SLICE_MS);
    if (worked > CALL_MS) throw overBudget(part, INSTEAD);
    return isGoingOn;
  };
}

/**
 * Gives the contacts that a condition lets pass, in the order in which they came or in the reverse one. Other calls run in between.
 * Throws AppError LIMIT_EXCEEDED.
 */
export async function walkContacts(
  access: DatabaseAccess,
  narrowing: Narrowing,
  way: WalkWay,
  { take, leaveOut = () => true }: Walker,
): Promise<void> {
  const turns = new Turns(way.part, INSTEAD, MOST_MS);
  const takeBounded = bounded(take, way.part);
  const text = textOf(narrowing, way);
  const agent = way.agentId === undefined ? [] : [rowKey(way.agentId)];
  const [first, last] = way.isOldestFirst ? [OLDEST, NEWEST] : [NEWEST, OLDEST];
  let [after, passed] = [first, 0];
  let end = narrowing.isIndexed ? undefined : await endOfStretch(access, after, way);
  for (;;) {
    const values = [...narrowing.values, ...after, ...(end ?? last), AT_ONCE, ...agent];
    const { rows } = await access.connections.untilDone((client) => client.query<Row>(text, values));
    access.heap.pass(rows.reduce((sum, { body }) => sum + body.length, 0));
    turns.begin();
    for (const { body, evaluated } of rows) {
      if (!takeBounded({ contact: JSON.parse(body), evaluated })) return;
      if (turns.isDue) await turns.next();
    }
    passed += rows.length;
    const newest = rows.at(-1);
    if (newest && rows.length === AT_ONCE) after = [newest.born, newest.part, newest.place];
    else if (end === undefined || !leaveOut(STRETCH - passed)) return;
    else {
      [after, passed] = [end, 0];
      end = await endOfStretch(access, after, way);
    }
    await turns.next();
  }
}

import { overBudget } from '../../../domain/base/budget.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { CALL_MS, LONGEST_SLICE_MS, Turns } from '../../turns.ts';
import type { DatabaseAccess } from '../access/database-access.ts';
import { rowKey } from '../memory/row-key.ts';
import type { Narrowing, SqlCondition } from './narrowing.ts';

/** Where a contact stands in the order in which they came. */
export type BirthKey = readonly [born: number, part: number, place: number];
type Row = { born: number; part: number; place: number; body: string; evaluated: string | null };
/** A contact on the way, where it stands, and when the agent that is asked about evaluated it last. */
export type Passed = { contact: Contact; key: BirthKey; evaluated: string | null };
/** From which end a walk goes, and the agent whose evaluations are asked for. */
export type WalkWay = {
  part: string;
  isOldestFirst: boolean;
  agentId?: string;
  /** It begins behind this one. */
  after?: BirthKey | undefined;
  /** It ends with this one at the latest. */
  upTo?: BirthKey | undefined;
  /** It mostly ends with so many contacts: it reads no more at first. */
  first?: number;
  /** The database finds all before it sorts them. Otherwise it may go along, and pass very many before it finds any. */
  isSorted?: true;
};
/** Who goes along: each is told of a contact that passes, and of how many the database has left out; both return whether they want more. */
export type Walker = { take: (passed: Passed) => boolean; leaveOut?: (count: number) => boolean };

/** So many contacts are read at once. Where they aren't found in their order, each reading finds and sorts all of them anew. */
const AT_ONCE = 4_000;
/** Where no index helps, the database looks at so many in one statement: at all of them, it could take longer than a statement may. */
export const STRETCH = 10_000;
const INSTEAD = 'Use a simpler filter: fewer conditions, shorter patterns and lists.';
/** The most work of a walk in all, in ms: making objects of rows may take much of it. Waiting for the database doesn't count. */
const MOST_MS = 10_000;
/** Before the oldest contact, and behind the newest one. */
const OLDEST: BirthKey = [0, 0, -1];
const NEWEST: BirthKey = [Number.MAX_SAFE_INTEGER, 0, 0];

const keyOf = ({ born, part, place }: Pick<Row, 'born' | 'part' | 'place'>): BirthKey => [born, part, place];
const orderOf = ({ isOldestFirst }: WalkWay) =>
  isOldestFirst ? { than: '>', upTo: '<=', order: 'asc' } : { than: '<', upTo: '>=', order: 'desc' };

/** From where to where a walk goes. */
export function endsOf({ isOldestFirst, after, upTo }: WalkWay): [after: BirthKey, upTo: BirthKey] {
  const [first, last] = isOldestFirst ? [OLDEST, NEWEST] : [NEWEST, OLDEST];
  return [after ?? first, upTo ?? last];
}

/** The condition for the contacts between a walk's ends that another one lets pass. Behind its values come the two ends. */
export function betweenEnds({ where, values }: SqlCondition, way: WalkWay): string {
  const { than, upTo } = orderOf(way);
  const end = (from: number) => `(${[1, 2, 3].map((index) => `$${values.length + from + index}`).join(', ')})`;
  const key = '(c.born, c.part, c.place)';
  return `${key} ${than} ${end(0)} and ${key} ${upTo} ${end(3)} and ${where}`;
}

const inOrder = (way: WalkWay) => ['born', 'part', 'place'].map((name) => `c.${name} ${orderOf(way).order}`).join(', ');

function textOf(narrowing: Narrowing, way: WalkWay): string {
  const place = (index: number) => `$${narrowing.values.length + index}`;
  const [evaluated, join] =
    way.agentId === undefined
      ? ['null', '']
      : ['e.at', `left join evaluated e on e.contact_id = c.id and e.agent_id = ${place(8)}`];
  return `select * from (select c.born, c.part, c.place, c.body, ${evaluated} as evaluated from contacts c ${join}
    where ${betweenEnds(narrowing, way)} ${way.isSorted ? 'offset 0' : ''}) c order by ${inOrder(way)} limit ${place(7)}`;
}

/** The last of the next so many contacts of a walk, and the one behind that, as far as there are any. */
export async function keysBehind(access: DatabaseAccess, way: WalkWay, count: number): Promise<BirthKey[]> {
  const text = `select born, part, place from contacts c where ${betweenEnds({ where: 'true', values: [] }, way)}
    order by ${inOrder(way)} offset ${count - 1} limit 2`;
  const { rows } = await access.connections.untilDone((client) => client.query<Row>(text, endsOf(way).flat()));
  return rows.map(keyOf);
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
  const agent = way.agentId === undefined ? [] : [rowKey(way.agentId)];
  const endBehind = async (key: BirthKey) => (await keysBehind(access, { ...way, after: key }, STRETCH))[0];
  const text = textOf(narrowing, way);
  let [[after, upTo], passed, atOnce] = [endsOf(way), 0, Math.min(way.first ?? AT_ONCE, AT_ONCE)];
  let end = narrowing.isIndexed ? undefined : await endBehind(after);
  for (;;) {
    const values = [...narrowing.values, ...after, ...(end ?? upTo), atOnce, ...agent];
    const { rows } = await access.connections.untilDone((client) => client.query<Row>(text, values));
    access.heap.pass(rows.reduce((sum, { body }) => sum + body.length, 0));
    turns.begin();
    for (const row of rows) {
      if (!takeBounded({ contact: JSON.parse(row.body), key: keyOf(row), evaluated: row.evaluated })) return;
      if (turns.isDue) await turns.next();
    }
    passed += rows.length;
    const newest = rows.at(-1);
    if (newest && rows.length === atOnce) {
      after = keyOf(newest);
      atOnce = Math.min(2 * atOnce, AT_ONCE);
    } else if (end === undefined || !leaveOut(STRETCH - passed)) return;
    else {
      [after, passed] = [end, 0];
      end = await endBehind(after);
    }
    await turns.next();
  }
}

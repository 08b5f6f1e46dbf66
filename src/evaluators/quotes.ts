import { canonical, depthOf, isObject } from '../domain/base/json.ts';
import { parsedJson, standingObjects } from './answer-objects.ts';

/** Lists of actions that stand in strangers' data, as canonical JSON: an answer that holds one only quotes it. */
export type Quotes = ReadonlySet<string>;

const MAX_DEPTH = 64;
const KEY = 'proposed_actions';
/** The most texts in texts, and the most beginnings of objects in one text, that are looked into. */
const MOST_LAYERS = 4;
const MOST_TRIES = 200;
/** No prompt shows more of one text of a contact, and no function answers with more. */
const LONGEST_TEXT = 50_000;

/** The list of actions of an object that may be an answer; undefined where it has none, or an empty one. */
export function actionsKey(value: Record<string, unknown>): string | undefined {
  const actions = value[KEY];
  if (!Array.isArray(actions) || actions.length === 0 || depthOf(actions, MAX_DEPTH) > MAX_DEPTH) return undefined;
  return canonical(actions);
}

/** Every object in a text, also behind one that isn't whole: a model may quote from the middle of it. */
function* objectsWithin(text: string): Generator<unknown> {
  const whole = parsedJson(text);
  if (typeof whole === 'object' || typeof whole === 'string') return yield whole;
  let rest = text;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { objects, broken } = standingObjects(rest);
    for (const { value } of objects) yield value;
    if (broken === undefined) return;
    rest = broken.slice(Math.max(1, broken.indexOf('{', 1)));
  }
}

function gather(value: unknown, layers: number, into: Set<string>): void {
  if (typeof value === 'string') {
    const text = value.slice(0, LONGEST_TEXT);
    if (layers > 0 && text.includes(KEY)) for (const inner of objectsWithin(text)) gather(inner, layers - 1, into);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const key = isObject(value) ? actionsKey(value) : undefined;
  if (key !== undefined) into.add(key);
  for (const item of Object.values(value)) gather(item, layers, into);
}

/** The lists of actions that stand somewhere in data of strangers: in objects, and in texts that hold objects. */
export function quotesIn(data: unknown): Quotes {
  const quotes = new Set<string>();
  if (depthOf(data, MAX_DEPTH) <= MAX_DEPTH) gather(data, MOST_LAYERS, quotes);
  return quotes;
}

import { canonical, depthOf, isObject } from '../domain/base/json.ts';
import { spelledOut } from '../domain/text/spelled-out.ts';
import { parsedJson, standingObjects } from './answer-objects.ts';

/** Whether an answer's list of actions stands in strangers' data: then the answer only quotes it. */
export type Quotes = (answer: Record<string, unknown>) => boolean;

const MAX_DEPTH = 64;
const KEY = 'proposed_actions';
/** The most texts in texts, and the most beginnings of objects in one text, that are looked into. */
const MOST_LAYERS = 4;
const MOST_TRIES = 200;
/** A list of more actions isn't taken, so nobody has to know whether it is quoted. */
const MOST_ACTIONS = 20;
/** No prompt shows more of one text of a contact, and no function answers with more. */
const LONGEST_TEXT = 50_000;

/** The list of actions of an object that may be an answer; undefined where it has none, or an empty one. */
function actionsOf(value: Record<string, unknown>): unknown[] | undefined {
  const actions = value[KEY];
  if (
    !Array.isArray(actions) ||
    actions.length === 0 ||
    actions.length > MOST_ACTIONS ||
    depthOf(actions, MAX_DEPTH) > MAX_DEPTH
  )
    return undefined;
  return actions;
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
    if (layers === 0 || !text.includes(KEY)) return;
    for (const each of new Set([text, spelledOut(text)]))
      for (const inner of objectsWithin(each)) gather(inner, layers - 1, into);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const actions = isObject(value) ? actionsOf(value) : undefined;
  if (actions) into.add(canonical(actions));
  for (const item of Object.values(value)) gather(item, layers, into);
}

/** The letters and digits of texts, without those of escapes: what is left of JSON whatever was done to its marks. */
function lettersOf(text: string): string {
  return spelledOut(text.slice(0, LONGEST_TEXT))
    .replace(/\\+(?:u([0-9a-f]{4})|[nrtbf])/gi, (_, code?: string) =>
      code === undefined ? ' ' : String.fromCharCode(Number.parseInt(code, 16)),
    )
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase();
}

/** The letters and digits of all keys and values, in their order. */
function lettersWithin(value: unknown, into: string[]): string[] {
  if (typeof value !== 'object' || value === null) {
    into.push(lettersOf(String(value)));
    return into;
  }
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value)) into.push(lettersOf(key));
    lettersWithin(item, into);
  }
  return into;
}

/**
 * Tells the answers whose actions stand somewhere in data of strangers: as objects, in texts that hold such an object,
 * or letter by letter, whatever became of quotation marks, white space, entities and brackets around them.
 */
export function quotesIn(data: unknown): Quotes {
  if (depthOf(data, MAX_DEPTH) > MAX_DEPTH) return () => false;
  let known: { lists: ReadonlySet<string>; letters: string } | undefined;
  return (answer) => {
    const actions = actionsOf(answer);
    if (!actions) return false;
    if (!known) {
      const lists = new Set<string>();
      gather(data, MOST_LAYERS, lists);
      known = { lists, letters: lettersWithin(data, []).join('') };
    }
    return known.lists.has(canonical(actions)) || known.letters.includes(lettersWithin(actions, []).join(''));
  };
}

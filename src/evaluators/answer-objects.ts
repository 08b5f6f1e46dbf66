import { isObject } from '../domain/base/json.ts';

/** An object of JSON that stands in a text by itself, with its own text. */
export type StandingObject = {
  value: Record<string, unknown>;
  text: string;
  /** It stands between quotation marks: somebody else's words. */
  isQuoted: boolean;
  /** Where it begins and ends. */
  from: number;
  to: number;
};

/**
 * The objects of JSON in a text, and the text that was looked through. `broken` is what follows where an object begins
 * that isn't whole: nothing in it counts.
 */
export type ObjectsFound = { text: string; objects: StandingObject[]; broken: string | undefined };

/** Braces that begin no JSON: a word or two, a Liquid expression. */
const PROSE = /\{\{[^{}"\n]{0,200}\}\}|\{%[^{}"\n]{0,200}%\}|\{[^{}"'`:\n]{0,100}\}/y;
/** After so many braces outside of objects, and objects, a text isn't looked through further. */
const MOST_BEGINNINGS = 1_000;
const EMPTY = /^\{\s*\}$/;
/** The lines that Markdown marks as somebody else's words. No line inside JSON begins like this. */
const QUOTED_LINE = /^[ \t]{0,3}>.*$/gm;
const QUOTE_BEFORE = /["'“”„‘’‚«»‹›「『]$|(?<!`)`$/;
const QUOTE_AFTER = /^(?:["'“”‘’«»‹›」』]|`(?!`))/;
/** Pairs of quotation marks that may have spaces inside. */
const SPACED_QUOTES: readonly [before: RegExp, after: RegExp][] = [
  [/[„“‟]\s{0,3}$/, /^\s{0,3}[“”]/],
  [/«\s{0,3}$/, /^\s{0,3}»/],
  [/»\s{0,3}$/, /^\s{0,3}«/],
  [/[‚‘]\s{0,3}$/, /^\s{0,3}[‘’]/],
  [/‹\s{0,3}$/, /^\s{0,3}›/],
  [/[「『﹁﹃｢]\s{0,3}$/, /^\s{0,3}[」』﹂﹄｣]/],
];

/** What a text is as JSON; undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The index of the brace that closes the object which opens at `from`. Braces in strings don't count. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  let isString = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (isString) {
      if (char === '\\') at += 1;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return at;
  }
  return undefined;
}

/** The end of braces at `at` that begin no JSON; undefined where they may. */
function proseEnd(text: string, at: number): number | undefined {
  PROSE.lastIndex = at;
  const [prose] = PROSE.exec(text) ?? [];
  return prose === undefined || EMPTY.test(prose) ? undefined : at + prose.length;
}

/** Whether what stands from `from` to `to` stands between quotation marks. */
function isBetweenQuotes(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - 4), from);
  const after = text.slice(to, to + 4);
  if (QUOTE_BEFORE.test(before) && QUOTE_AFTER.test(after)) return true;
  return SPACED_QUOTES.some(([opens, closes]) => opens.test(before) && closes.test(after));
}

/** The object that opens at `open`, and where it ends; undefined where it isn't whole. */
function objectAt(text: string, open: number): { found: StandingObject; end: number } | undefined {
  const close = closing(text, open);
  if (close === undefined) return undefined;
  const own = text.slice(open, close + 1);
  const value = parsedJson(own);
  if (!isObject(value)) return undefined;
  const end = close + 1;
  return { found: { value, text: own, isQuoted: isBetweenQuotes(text, open, end), from: open, to: end }, end };
}

/** Whether the objects of a text with one brace too many still stand by themselves: nothing can stand around them. */
function opensText(text: string): boolean {
  return /^\s*(?:```\w*\s*)?\{/.test(text);
}

/**
 * The objects that stand in a text, none of which is inside another one or inside an unfinished one. Where an object
 * isn't whole JSON nobody can tell where it ends, so everything behind it counts as inside. A brace that closes what
 * never opened makes all before it the inside of an object whose beginning is missing.
 */
export function standingObjects(whole: string): ObjectsFound {
  const text = whole.replace(QUOTED_LINE, '');
  let objects: StandingObject[] = [];
  let beginnings = 0;
  const brace = /[{}]/g;
  for (let match = brace.exec(text); match; match = brace.exec(text)) {
    const { index } = match;
    beginnings += 1;
    if (beginnings > MOST_BEGINNINGS) return { text, objects: [], broken: text.slice(index) };
    if (match[0] === '}') {
      if (!opensText(text)) objects = [];
      continue;
    }
    const prose = proseEnd(text, index);
    const object = prose === undefined ? objectAt(text, index) : undefined;
    if (prose === undefined && !object) return { text, objects, broken: text.slice(index) };
    if (object) objects.push(object.found);
    brace.lastIndex = prose ?? object?.end ?? index + 1;
  }
  return { text, objects, broken: undefined };
}

/** The index of the quotation mark that ends the string of JSON which begins at `from`. */
function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** How often an object's text names a key at its top: JSON.parse would take the last one without a word. */
export function timesNamed(text: string, key: string): number {
  let depth = 0;
  let times = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char === '"') {
      const end = stringEnd(text, at);
      const isKey = depth === 1 && /^\s*:/.test(text.slice(end + 1, end + 100));
      if (isKey && parsedJson(text.slice(at, end + 1)) === key) times += 1;
      at = end;
    }
  }
  return times;
}

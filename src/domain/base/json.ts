/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Assigning this key changes an object's prototype, so it is refused wherever names come from outside. */
export const FORBIDDEN_KEY = '__proto__';

/**
 * How many levels of objects and arrays a value has; a scalar has 0. Beyond `limit` it gives `limit + 1`. It doesn't
 * recurse, so no depth can overflow the stack.
 */
export function depthOf(value: unknown, limit: number): number {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= limit; depth++) {
    const next: unknown[] = [];
    let nested = false;
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      nested = true;
      for (const child of Object.values(item)) if (typeof child === 'object') next.push(child);
    }
    if (!nested) return depth;
    level = next;
  }
  return limit + 1;
}

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const OPENS = ['{'.charCodeAt(0), '['.charCodeAt(0)] as const;
const CLOSES = ['}'.charCodeAt(0), ']'.charCodeAt(0)] as const;

const COMMA = ','.charCodeAt(0);

/**
 * Whether a text of JSON nests deeper than so many levels, or has more commas between its values. It is told without parsing
 * it, which takes several times as long, and longest for just such texts.
 */
export function isVast(text: string, levels: number, commas = Number.POSITIVE_INFINITY): boolean {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = text.indexOf('"', at + 1);
      while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
      if (at === -1) return false;
    } else if (code === OPENS[0] || code === OPENS[1]) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === CLOSES[0] || code === CLOSES[1]) depth -= 1;
    else if (code === COMMA && ++parts > commas) return true;
  }
  return false;
}

/** Whether the character at a place stands behind an odd number of backslashes. */
function isEscaped(text: string, place: number): boolean {
  let at = place - 1;
  while (at >= 0 && text.charCodeAt(at) === BACKSLASH) at -= 1;
  return (place - at) % 2 === 0;
}

/**
 * How many values a value holds, itself included. Beyond `limit` it gives more than `limit`, without reading on. It doesn't
 * recurse, so no depth can overflow the stack.
 */
export function valuesIn(value: unknown, limit: number): number {
  const open: unknown[] = [value];
  let parts = 0;
  for (; open.length > 0 && parts + open.length <= limit; parts++) {
    const item = open.pop();
    if (typeof item !== 'object' || item === null) continue;
    const keys = Object.keys(item);
    if (keys.length > limit) return keys.length;
    for (const key of keys) open.push(Reflect.get(item, key));
  }
  return parts + open.length;
}

/**
 * How many bytes the JSON text of a value has. Beyond `limit` it gives more than `limit`, without reading on. It doesn't
 * recurse, so no depth can overflow the stack.
 */
export function bytesOf(value: unknown, limit: number): number {
  const open: unknown[] = [value];
  let bytes = 0;
  while (open.length > 0 && bytes <= limit) {
    const item = open.pop();
    if (typeof item === 'string') bytes += item.length > limit ? item.length : textBytes(item);
    else if (typeof item !== 'object' || item === null) bytes += String(item).length;
    else if (Array.isArray(item)) {
      bytes += Math.max(2, item.length + 1);
      if (bytes <= limit) for (const part of item) open.push(part);
    } else {
      const keys = Object.keys(item);
      bytes += Math.max(2, 2 * keys.length + 1);
      for (const key of keys) {
        if (bytes > limit) break;
        bytes += textBytes(key);
        open.push(Reflect.get(item, key));
      }
    }
  }
  return bytes;
}

function textBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** JSON text with sorted keys, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(item)}`);
  }
  return `{${parts.join(',')}}`;
}

/** One half of a character that takes two code units, alone (a lone surrogate): neither a file nor a message can hold it. */
const HALF = /\p{Cs}/u;
/** Any such half, alone or not: most texts have none, and this is found out several times faster. */
const ANY_HALF = /[\ud800-\udfff]/;

/** Why a text with half a character is refused: a clause that goes on from the name of what holds it. */
export const HALF_A_CHARACTER =
  'holds half a character (one half of a surrogate pair, as a text has that was cut inside an emoji): remove it';

export function isHalved(text: string): boolean {
  return ANY_HALF.test(text) && HALF.test(text);
}

/**
 * Where a value of JSON holds half a character, as a path from `path` on, such as `params.fields.name`; undefined where
 * it doesn't. Keys count too.
 */
export function halvedAt(value: unknown, path: string): string | undefined {
  const left: [path: string, value: unknown][] = [[path, value]];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    const [where, found] = item;
    if (typeof found === 'string' && isHalved(found)) return where;
    if (typeof found !== 'object' || found === null) continue;
    for (const [key, child] of Object.entries(found)) {
      if (isHalved(key)) return where;
      const place = Array.isArray(found) ? `${where}[${key}]` : `${where}.${key}`;
      left.push([where === '' ? key : place, child]);
    }
  }
  return undefined;
}

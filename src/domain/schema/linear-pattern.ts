import { RE2JS } from 're2js';
import type { SchemaWork } from './schema-work.ts';

/** The most instructions that all patterns of a schema may unfold to: to compile so many takes some 20 ms. */
const MOST_INSTRUCTIONS = 2_000;
/** Each pattern, and each class of Unicode letters in it, such as `\p{L}`, takes as long as so many instructions. */
const EACH = 20;
const UNICODE_CLASS = 100;
/** A pattern of up to so many instructions takes about as long for each character, whatever the text. */
const SMALL = 10;

/** How many instructions a pattern unfolds to, about: the engine writes `a{9}` out as nine times `a`. */
function unfolded(pattern: string): number {
  const tokens = /\\[pP]\{[^}]*\}|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}|[\s\S]/g;
  const sums = [0];
  let last = 0;
  const add = (size: number) => sums.push((sums.pop() ?? 0) + size);
  for (const [token, low, , high] of pattern.matchAll(tokens)) {
    if (token === '(') {
      sums.push(0);
      continue;
    }
    const times = low === undefined ? 0 : Number(high || low);
    if (token === ')') last = (sums.length > 1 ? (sums.pop() ?? 0) : 0) + 2;
    else if (low === undefined) last = 1 + UNICODE_CLASS * (token.match(/\\[pP]/g)?.length ?? 0);
    add(low === undefined ? last : last * times);
    if (low !== undefined) last *= times + 1;
  }
  return sums.reduce((sum, size) => sum + size, 0);
}

function compiled(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch {
    return undefined;
  }
}

/** A pattern of a schema, found anywhere in a text. */
export type LinearPattern = { source: string; runs: () => boolean; isIn: (text: string, work: SchemaWork) => boolean };

/**
 * The patterns of one schema, run in linear time. One that the engine can't run so (it looks ahead, say), or only at
 * length, isn't checked here and counts as found: whoever wrote the schema checks it too.
 */
export class LinearPatterns {
  readonly all: LinearPattern[] = [];
  #left = MOST_INSTRUCTIONS;

  /** A pattern, compiled when it is first looked for. */
  add(source: string): LinearPattern {
    // Each character is an instruction at least, so a longer pattern isn't even read.
    const size = source.length > this.#left ? source.length : unfolded(source);
    const isSmallEnough = EACH + size <= this.#left;
    if (isSmallEnough) this.#left -= EACH + size;
    let made: { engine: RE2JS | undefined } | undefined;
    const engine = () => {
      made ??= { engine: isSmallEnough ? compiled(source) : undefined };
      return made.engine;
    };
    const pattern: LinearPattern = {
      source,
      runs: () => engine() !== undefined,
      isIn(text, work) {
        const found = engine();
        if (!found) return true;
        work.spend(2 + text.length * (1 + 2 * Math.max(0, found.programSize() - SMALL)));
        return found.test(text);
      },
    };
    this.all.push(pattern);
    return pattern;
  }
}

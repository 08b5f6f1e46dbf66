import { isObject } from '../base/json.ts';
import { shortened } from './shortened.ts';
import { tokensOf } from './tokens.ts';

/** How much of a value stays: characters of a text, items of a list or fields of an object, levels of nesting. */
type Cut = { longest: number; most: number; levels: number };

const CUTS: readonly Cut[] = [
  { longest: 8_000, most: 200, levels: 60 },
  { longest: 2_000, most: 60, levels: 12 },
  { longest: 500, most: 20, levels: 6 },
  { longest: 300, most: 5, levels: 4 },
];
/** How many top-level fields always stay: ids, digest and status are among them. */
const ROW_KEYS = 60;

function cutList(list: unknown[], cut: Cut, level: number): void {
  const all = list.length;
  if (all > cut.most) list.splice(cut.most, all, `… (${all} in all)`);
  for (const [index, item] of list.entries()) list[index] = cutItem(item, cut, level);
}

function cutObject(object: Record<string, unknown>, cut: Cut, level: number): void {
  const keys = Object.keys(object);
  const kept = level === 0 ? Math.max(cut.most, ROW_KEYS) : cut.most;
  for (const key of keys.slice(0, kept)) object[key] = cutItem(object[key], cut, level);
  for (const key of keys.slice(kept)) delete object[key];
  if (keys.length > kept) object['…'] = `${keys.length - kept} more fields`;
}

function cutItem(item: unknown, cut: Cut, level: number): unknown {
  if (typeof item === 'string') return shortened(item, cut.longest);
  if (typeof item !== 'object' || item === null) return item;
  if (level >= cut.levels) return '… (nested further)';
  if (Array.isArray(item)) cutList(item, cut, level + 1);
  else if (isObject(item)) cutObject(item, cut, level + 1);
  return item;
}

/**
 * The value itself where it takes at most `tokens` tokens; else a copy with long texts, lists and objects cut. Each cut
 * part says that it was cut. The shortest copy is given even where it takes more than `tokens`.
 */
export function fitting<T>(value: T, tokens: number): T {
  if (tokensOf(value) <= tokens) return value;
  for (const cut of CUTS) {
    const copy = structuredClone(value);
    if (isObject(copy)) cutObject(copy, cut, 0);
    if (tokensOf(copy) <= tokens || cut === CUTS.at(-1)) return copy;
  }
  return value;
}

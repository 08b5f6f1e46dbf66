import { isObject } from '../../domain/base/json.ts';

/**
 * How documents of one kind begin, change, and are written as JSON. `D` is what `dump` gives, and what `JSON.parse`
 * gives back.
 */
export type Stored<S, D extends object, E> = {
  empty: () => S;
  /** Changes `state` by an event of commit `n`. Records in it are replaced, never altered: a dump may share them. */
  fold: (state: S, event: E, id: string, n: number) => void;
  /** Shares nothing with the state but records, so that the state may change while the dump is written. */
  dump: (state: S) => D;
  load: (data: D) => S;
};

function ownMap(value: unknown): unknown {
  if (value instanceof Map) return new Map(value);
  return value instanceof Set ? new Set(value) : value;
}

/**
 * A state of its own, which \`fold\` may change while the other one stays as it is. It shares the records, and lists beside maps, which are
 * replaced and never altered.
 */
export function stateLike<S>(state: S): S;
export function stateLike(state: unknown): unknown {
  const own = Array.isArray(state) ? [...state] : ownMap(state);
  if (own !== state || !isObject(state)) return own;
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, ownMap(value)]));
}

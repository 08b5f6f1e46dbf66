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

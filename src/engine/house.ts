import type { Deps } from '../domain/deps.ts';
import type { Store } from '../store/store.ts';
import { recordDecisions } from './decisions.ts';

/** What the engine works with: one a process, made in `main.ts`. */
export type House = {
  store: Store;
  deps: Deps;
  /** Runs this process evaluates right now. */
  runs: Map<string, { done: Promise<void>; stop: AbortController }>;
  /** Attempts this process has under way. */
  attempts: Map<string, Promise<void>>;
  /** The one round of executing what is approved, while it goes. */
  executing: Promise<void> | undefined;
  /** The process is about to end: nothing new is begun. */
  ending: boolean;
};

export function createHouse(store: Store, deps: Deps): House {
  return {
    store: recordDecisions(store),
    deps,
    runs: new Map(),
    attempts: new Map(),
    executing: undefined,
    ending: false,
  };
}

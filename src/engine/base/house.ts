import type { Author } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import type { View } from '../../domain/state/view.ts';
import type { ToolServers } from '../../net/tools/servers.ts';
import type { Decision, Store } from '../../store/store.ts';
import type { Moment } from './moment.ts';

/** What the engine works with: one a process, made in `process/house.ts`. */
export type House = {
  /** Looks at the newest state. The look may run again, so it takes clock and ids from its moment. */
  read: <T>(look: (view: View, moment: Moment) => T) => Promise<T>;
  /**
   * The one way to change state: what is decided passes the lock, is written into the decision log, and is on disk when
   * this gives its value. The decision may run again over newer state, so it takes clock and ids from its moment.
   */
  commit: <T>(author: Author, decide: (view: View, moment: Moment) => Decision<T>) => Promise<T>;
  store: Omit<Store, 'read' | 'commit'>;
  deps: Deps;
  /** The person's MCP servers, whose tools mcp_tool actions call. */
  toolServers: ToolServers;
  /** Runs this process evaluates right now. */
  runs: Map<string, { done: Promise<void>; stop: AbortController }>;
  /** Attempts this process has under way. */
  attempts: Map<string, Promise<void>>;
  /** The one round of executing what is approved, while it goes. */
  executing: Promise<void> | undefined;
  /** The process is about to end: nothing new is begun. */
  readonly ending: boolean;
  /** Aborted when the process is about to end: whoever waits to try something again gives up. */
  ended: AbortSignal;
  end: () => void;
};

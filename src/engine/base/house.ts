import type { Deps } from '../../domain/base/deps.ts';
import type { ToolServers } from '../../net/tools/servers.ts';
import type { Store } from '../../store/store.ts';

/** What the engine works with: one a process, made in `process/house.ts`. */
export type House = {
  store: Store;
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

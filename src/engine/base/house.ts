import type { Author } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import type { AgentFacts } from '../../domain/learning/facts.ts';
import type { MailboxLook } from '../../domain/mail/mailbox.ts';
import type { View } from '../../domain/state/view.ts';
import type { ToolServers } from '../../net/tools/servers.ts';
import type { Decision, Store } from '../../store/store.ts';
import type { Moment } from './moment.ts';

/** What the engine works with. Each process has one, made in `process/house.ts`. */
export type House = {
  /** Looks at the newest state. The look may run again, so it takes the time and ids from its moment. */
  read: <T>(look: (view: View, moment: Moment) => T) => Promise<T>;
  /**
   * The only way to change state. A decision's events pass the lock and get their entries in the decision log, and they
   * are on disk once the promise resolves. A decision may run again, so it takes the time and ids from its moment.
   */
  commit: <T>(author: Author, decide: (view: View, moment: Moment) => Decision<T>) => Promise<T>;
  store: Omit<Store, 'read' | 'commit' | 'stepBack' | 'acceptOlder'>;
  /**
   * The house that isn't limited to what one person sees (`limited-house.ts`): itself, unless it is one person's. What the
   * product does by itself works with it, whoever's call began it.
   */
  readonly whole: House;
  deps: Deps;
  /** The person's MCP servers, whose tools mcp_tool actions call. */
  toolServers: ToolServers;
  /** The runs that this process works on right now, by run id. */
  runs: Map<string, { done: Promise<void>; stop: AbortController }>;
  /** Attempts and callbacks that this process has under way; it waits for them before it ends. */
  attempts: Map<string, Promise<void>>;
  /** The round that executes approved actions, while one is under way. */
  executing: Promise<void> | undefined;
  /** The looks into mailboxes that this process makes right now, by the id of their identity. */
  looks: Map<string, Promise<MailboxLook>>;
  /** What the figures of agents rest on, by agent, each as of a commit (`engine/learning/kept-facts.ts`). */
  facts: Map<string, { commits: number; found: Promise<AgentFacts> }>;
  /** A read-only process begins nothing by itself: it looks into no mailbox either. */
  readonly isReadOnly: boolean;
  /** True once the process is about to end: nothing new is begun then. */
  readonly ending: boolean;
  /** Aborted once the process is about to end: an attempt that waits for its next try then gives up. */
  ended: AbortSignal;
  end: () => void;
};

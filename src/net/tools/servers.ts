import type { Offer, OfferedTool, Offering, Offers } from '../../domain/agents/tool.ts';
import type { Config, ToolServer } from '../../domain/base/config.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { digest } from '../../domain/base/digest.ts';
import { AppError } from '../../domain/base/errors.ts';
import { answerMsOf, type Timing, within } from './connect.ts';
import { openConnection, type ToolConnection } from './connection.ts';
import type { ToolAnswer } from './fate.ts';
import type { ToolProcess } from './process.ts';
import { hidingSecrets } from './secrets.ts';

const TIMING: Timing = {
  openMs: 60_000,
  answerMs: 10_000,
  eraMs: 5_000,
  callMs: 60_000,
  callTotalMs: 600_000,
  idleMs: 60_000,
  graceMs: 400,
};

const ENDING = 'Countersign is ending';

export type ServerCall = {
  server: string;
  tool: OfferedTool;
  args: Record<string, unknown>;
  idempotency_key: string;
};

/**
 * The MCP servers that the person lists in HOME/config.json. A server is started when it is needed, and kept while in
 * use.
 */
export type ToolServers = {
  /**
   * What servers offer, as heard at most `maxAgeMs` ago. Never throws: where a server fails, its offer is the problem.
   */
  ask: (names: readonly string[], maxAgeMs: number) => Promise<Offers>;
  /** Calls a tool once, if its definition is still the one that the call names. Never throws. */
  call: (call: ServerCall) => Promise<ToolAnswer>;
  /** Ends connections and child processes within a second and a half. No new ones are opened after that. */
  close: () => Promise<void>;
};

/**
 * A connection to one server, open or being opened. `key` is the digest of the server's entry, `uses` counts calls
 * under way.
 */
type Held = {
  key: string;
  opening: Promise<ToolConnection>;
  made?: ToolConnection;
  uses: number;
  idle?: NodeJS.Timeout;
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function entryOf(name: string, config: Config): ToolServer | { problem: string } {
  const known = [...config.mcpServers.keys()];
  const listed = known.length > 0 ? `it lists ${known.join(', ')}` : 'it lists none';
  return config.mcpServers.get(name) ?? { problem: `${config.file} has no such entry under mcpServers: ${listed}` };
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

type ToolDeps = Pick<Deps, 'env' | 'log' | 'config' | 'schemas'>;

class Pool implements ToolServers {
  readonly #deps: ToolDeps;
  readonly #timing: Timing;
  readonly #held = new Map<string, Held>();
  readonly #heard = new Map<string, { key: string; at: number; offer: Offer }>();
  readonly #live = new Set<ToolProcess>();
  readonly #ending = new AbortController();
  readonly #end: Promise<never>;
  #closing: Promise<void> | undefined;
  #isGuarded = false;
  /** Runs when the process exits without time to close, so that no child outlives it. */
  readonly #killAll = () => {
    for (const child of this.#live) child.kill();
  };

  constructor(deps: ToolDeps, timing: Timing) {
    this.#deps = deps;
    this.#timing = timing;
    this.#end = new Promise((_resolve, reject) => {
      this.#ending.signal.addEventListener('abort', () => reject(new AppError('PROVIDER_ERROR', ENDING)));
    });
    this.#end.catch(() => undefined);
  }

  async ask(names: readonly string[], maxAgeMs: number): Promise<Offers> {
    const asked = names.map(async (name): Promise<[string, Offer]> => [name, await this.#offer(name, maxAgeMs)]);
    return new Map(await Promise.all(asked));
  }

  async call({ server, tool, args, idempotency_key }: ServerCall): Promise<ToolAnswer> {
    try {
      const entry = this.#entry(server);
      return await this.#use(server, entry, (connection) =>
        connection.call(tool, args, idempotency_key, this.#ending.signal),
      );
    } catch (error) {
      return { outcome: 'not_called', text: messageOf(error) };
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    const isBusy = () => [...this.#held.values()].some(({ uses }) => uses > 0);
    for (let left = this.#timing.graceMs; left > 0 && isBusy(); left -= 50) await wait(50);
    this.#ending.abort();
    const connections = [...this.#held.values()].map(async ({ made }) => made?.close());
    await Promise.allSettled([...connections, ...[...this.#live].map((child) => child.close())]);
    process.off('exit', this.#killAll);
  }

  #entry(name: string): ToolServer {
    const entry = entryOf(name, this.#deps.config());
    if ('problem' in entry) throw new AppError('VALIDATION_ERROR', entry.problem);
    return entry;
  }

  async #offer(name: string, maxAgeMs: number): Promise<Offer> {
    let key = '';
    try {
      const entry = this.#entry(name);
      key = digest(entry);
      const heard = this.#heard.get(name);
      const isFresh = heard?.key === key && performance.now() - heard.at <= maxAgeMs;
      // A server that was still starting when it was last asked may be ready by now.
      if (isFresh && ('tools' in heard.offer || !this.#held.get(name)?.made)) return heard.offer;
      return this.#hear(name, key, await this.#offering(name, entry));
    } catch (error) {
      const isUnlisted = error instanceof AppError && error.code === 'VALIDATION_ERROR';
      return this.#hear(name, key, { problem: messageOf(error), ...(isUnlisted ? { isUnlisted } : {}) });
    }
  }

  #hear(name: string, key: string, offer: Offer): Offer {
    this.#heard.set(name, { key, at: performance.now(), offer });
    return offer;
  }

  /** Asks what a server offers. Where an older connection no longer works, it asks over a new one. */
  async #offering(name: string, entry: ToolServer): Promise<Offering> {
    const earlier = this.#held.get(name)?.made;
    try {
      return await this.#use(name, entry, (connection) => connection.offering());
    } catch (error) {
      if (earlier === undefined || this.#held.get(name)?.made !== earlier) throw error;
      this.#drop(name);
      return this.#use(name, entry, (connection) => connection.offering());
    }
  }

  async #use<T>(name: string, entry: ToolServer, work: (connection: ToolConnection) => Promise<T>): Promise<T> {
    if (this.#closing) throw new AppError('PROVIDER_ERROR', ENDING);
    const held = this.#hold(name, entry);
    held.uses += 1;
    clearTimeout(held.idle);
    try {
      return await work(await this.#opened(held, answerMsOf(entry, this.#timing)));
    } finally {
      held.uses -= 1;
      if (held.uses === 0) this.#rest(name, held);
    }
  }

  /** Waits for a connection, but not longer than `ms`. The server goes on starting for later calls. */
  async #opened(held: Held, ms: number): Promise<ToolConnection> {
    const opening = Promise.race([held.opening, this.#end]);
    return within(ms, opening).catch((error: unknown) => {
      if (error instanceof AppError) throw error;
      const how = 'try again, or give it longer with startup_timeout_sec in its entry';
      throw new AppError('PROVIDER_ERROR', `it didn't answer within ${ms / 1000} s and is still starting: ${how}`);
    });
  }

  /** Closes a connection that isn't in use: after a while, or at once where a newer one has replaced it. */
  #rest(name: string, held: Held): void {
    if (this.#held.get(name) !== held) {
      held.made?.close();
      return;
    }
    held.idle = setTimeout(() => this.#held.get(name) === held && this.#drop(name), this.#timing.idleMs);
    held.idle.unref();
  }

  #hold(name: string, entry: ToolServer): Held {
    const key = digest(entry);
    const present = this.#held.get(name);
    if (present?.key === key && (present.made?.isOpen() ?? true)) return present;
    if (present) this.#drop(name);
    if (!this.#isGuarded) process.once('exit', this.#killAll);
    this.#isGuarded = true;
    const hide = hidingSecrets(entry, this.#deps.env);
    const connectionDeps = { server: name, timing: this.#timing, live: this.#live, hide, ...this.#deps };
    const held: Held = { key, uses: 0, opening: openConnection(entry, connectionDeps) };
    this.#held.set(name, held);
    held.opening.then(
      (connection) => {
        held.made = connection;
      },
      () => {
        if (this.#held.get(name) === held) this.#held.delete(name);
      },
    );
    return held;
  }

  #drop(name: string): void {
    const held = this.#held.get(name);
    this.#held.delete(name);
    clearTimeout(held?.idle);
    if (held?.uses === 0) held.opening.then((connection) => connection.close()).catch(() => undefined);
  }
}

/** The pool of connections to a person's MCP servers. Nothing is started yet. */
export function createToolServers(deps: ToolDeps, timing: Partial<Timing> = {}): ToolServers {
  return new Pool(deps, { ...TIMING, ...timing });
}

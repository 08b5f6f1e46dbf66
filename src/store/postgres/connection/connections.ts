import type { Client } from 'pg';
import { isDatabaseAway, isRivalry } from './faults.ts';
import { withinTime } from './within-time.ts';

const MOST = 6;
/** A connection that wasn't used for so many ms may pass nothing on any more: what stands between forgets it. */
const DOUBTFUL_MS = 5_000;
const PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The connections of one process. They are opened as they are needed, used again, and given up once they break. */
export class DatabaseConnections {
  private readonly open: () => Promise<Client>;
  private readonly patienceMs: number;
  private readonly doubtfulMs: number;
  private readonly idle: { client: Client; since: number }[] = [];
  private readonly waiting: (() => void)[] = [];
  private used = 0;
  private isClosed = false;

  constructor(open: () => Promise<Client>, patienceMs: number, doubtfulMs: number = DOUBTFUL_MS) {
    this.open = open;
    this.patienceMs = patienceMs;
    this.doubtfulMs = doubtfulMs;
  }

  /** Does a piece of work on one connection. Nobody else uses that meanwhile. */
  async once<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.take();
    let isWhole = false;
    try {
      const value = await work(client);
      isWhole = true;
      return value;
    } catch (error) {
      isWhole = !isDatabaseAway(error) && (await this.isSound(client));
      // What broke one connection has broken the others too.
      if (!isWhole) this.dropIdle();
      throw error;
    } finally {
      this.give(client, isWhole);
    }
  }

  /** The same, again and again for a while where the database is away. The work may have been done each time. */
  async untilDone<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const began = performance.now();
    for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await this.once(work);
      } catch (error) {
        const isOver = performance.now() - began > this.patienceMs || this.isClosed;
        if (isOver || !(isDatabaseAway(error) || isRivalry(error))) throw error;
        await wait(pause);
      }
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.dropIdle();
  }

  private async dropIdle(): Promise<void> {
    await Promise.all(this.idle.splice(0).map(({ client }) => client.end().catch(() => undefined)));
  }

  /** Ends what a failed statement left open of a transaction. */
  private async isSound(client: Client): Promise<boolean> {
    try {
      await client.query('rollback');
      return true;
    } catch {
      return false;
    }
  }

  private async take(): Promise<Client> {
    while (this.used >= MOST) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.used += 1;
    try {
      return (await this.takeIdle()) ?? (await this.open());
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** The connection that was used last, where it still answers. */
  private async takeIdle(): Promise<Client | undefined> {
    const last = this.idle.pop();
    if (!last || performance.now() - last.since < this.doubtfulMs) return last?.client;
    try {
      await last.client.query(withinTime('select', []));
      return last.client;
    } catch {
      last.client.end().catch(() => undefined);
      // What broke one connection has broken those that weren't used for longer.
      this.dropIdle();
      return undefined;
    }
  }

  private give(client: Client, isWhole: boolean): void {
    if (isWhole && !this.isClosed) this.idle.push({ client, since: performance.now() });
    else client.end().catch(() => undefined);
    this.leave();
  }

  private leave(): void {
    this.used -= 1;
    this.waiting.shift()?.();
  }
}

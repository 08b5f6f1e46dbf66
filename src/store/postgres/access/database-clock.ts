import type { Client } from 'pg';
import type { Deps } from '../../../domain/base/deps.ts';
import { withinTime } from '../connection/within-time.ts';
import type { PostgresTuning } from './postgres-tuning.ts';

/** What the database's clock shows in the middle of a statement, in ms since 1970. */
export const CLOCK_NOW = 'extract(epoch from clock_timestamp())::double precision * 1000';

/** Has the process's clock follow the database's: the clocks of machines differ, and one has to decide. */
export class DatabaseClock {
  private readonly follow: Deps['followClock'];
  private readonly aheadMs: PostgresTuning['aheadMs'];

  constructor(follow: Deps['followClock'], { aheadMs }: PostgresTuning) {
    this.follow = follow;
    this.aheadMs = aheadMs;
  }

  async ask(client: Client): Promise<void> {
    const began = performance.now();
    const { rows } = await client.query<{ clock: number }>(withinTime(`select ${CLOCK_NOW} as clock`, []));
    if (rows[0]) this.heard(rows[0].clock, began);
  }

  /** An answer came just now, to what was asked at `began`: the database's clock showed `clock` at some time in between. */
  heard(clock: number, began: number): void {
    const least = clock + this.aheadMs();
    this.follow?.(least, least + performance.now() - began);
  }
}

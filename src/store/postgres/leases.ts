import type { Deps } from '../../domain/base/deps.ts';
import type { PostgresTuning } from './access/postgres-tuning.ts';
import type { DatabaseConnections } from './connection/connections.ts';
import { withinTime } from './connection/within-time.ts';

const RENEW_MS = 3_000;
/** A lease of a process that was killed is removed after a day. */
const SWEPT = `delete from leases where renewed < clock_timestamp() + make_interval(secs => $1) - interval '1 day'`;

/** Tells others that this process lives, by a row that it renews, and by the database's clock. */
export class DatabaseLease {
  private readonly connections: DatabaseConnections;
  private readonly holder: string;
  private readonly log: Deps['log'];
  private readonly tuning: PostgresTuning;
  private renewed = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(connections: DatabaseConnections, holder: string, log: Deps['log'], tuning: PostgresTuning) {
    this.connections = connections;
    this.holder = holder;
    this.log = log;
    this.tuning = tuning;
  }

  /** Renews the lease, and goes on to do so while the work renews it too. Never throws. */
  async renew(): Promise<void> {
    if (this.renewed !== 0 && performance.now() - this.renewed < RENEW_MS) return;
    const isFirst = this.renewed === 0;
    this.renewed = performance.now();
    try {
      await this.connections.once(async (client) => {
        const ahead = this.tuning.aheadMs() / 1000;
        if (isFirst) await client.query(SWEPT, [ahead]);
        await client.query(
          withinTime(
            `insert into leases (holder, renewed) values ($1, clock_timestamp() + make_interval(secs => $2))
             on conflict (holder) do update set renewed = excluded.renewed`,
            [this.holder, ahead],
          ),
        );
      });
    } catch (error) {
      this.renewed = isFirst ? 0 : this.renewed;
      this.log.warn(
        { error: String(error) },
        'the lease could not be renewed; other processes may take over the work of this one',
      );
    }
  }

  /** Removes the lease, where there is one. */
  async drop(): Promise<void> {
    clearTimeout(this.timer);
    if (this.renewed === 0) return;
    await this.connections
      .once((client) => client.query('delete from leases where holder = $1', [this.holder]))
      .catch(() => undefined);
  }
}

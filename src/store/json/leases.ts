import fs from 'node:fs';
import path from 'node:path';
import type { Deps } from '../../domain/base/deps.ts';
import { makeFolder, touch } from '../../files/durable.ts';
import { type HomePaths, TOKEN } from './home.ts';
import { sweep } from './kept.ts';

const LEASE_MS = 15_000;
const RENEW_MS = 3_000;

/** Tells which processes live. Each living process renews its lease, a file of its own, every few seconds. */
export class Leases {
  private readonly paths: HomePaths;
  private readonly holder: string;
  private readonly log: Deps['log'];
  private readonly file: string;
  private renewed = 0;

  constructor(paths: HomePaths, holder: string, log: Deps['log']) {
    this.paths = paths;
    this.holder = holder;
    this.log = log;
    this.file = path.join(paths.leases, holder);
  }

  renew(): void {
    if (this.renewed !== 0 && performance.now() - this.renewed < RENEW_MS) return;
    try {
      makeFolder(this.paths.state);
      makeFolder(this.paths.leases);
      if (this.renewed === 0) sweep(this.paths.leases);
      touch(this.file);
      this.renewed = performance.now();
    } catch (error) {
      this.log.warn(
        { error: String(error) },
        'the lease could not be renewed; other processes may take over the work of this one',
      );
    }
  }

  isAlive(other: string): boolean {
    if (other === this.holder) return true;
    try {
      const { mtimeMs } = fs.lstatSync(path.join(this.paths.leases, other));
      // Where the clock was set back, the lease of a dead process may lie in the future. It is never renewed, so it
      // doesn't count.
      return TOKEN.test(other) && Math.abs(Date.now() - mtimeMs) < LEASE_MS;
    } catch {
      return false;
    }
  }

  /** Removes the lease. A process that never renewed it has none, and may have no home either. */
  drop(): void {
    if (this.renewed !== 0) fs.rmSync(this.file, { force: true });
  }
}

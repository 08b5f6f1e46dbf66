import fs from 'node:fs';
import path from 'node:path';
import type { Deps } from '../../domain/base/deps.ts';
import { makeFolder, touch } from '../../files/durable.ts';
import { type HomePaths, TOKEN } from './home.ts';
import { sweep } from './kept.ts';
import { LeaseThread } from './lease-thread.ts';

const LEASE_MS = 15_000;
const RENEW_MS = 3_000;
/** Work that takes less starts no thread, unless it says that it may keep the loop busy. */
const SOON_MS = 500;

/**
 * Tells which processes live. Each process that has work in hand renews its lease, a file of its own, every few seconds; a
 * thread does so while the loop is busy.
 */
export class Leases {
  private readonly paths: HomePaths;
  private readonly holder: string;
  private readonly log: Deps['log'];
  private readonly file: string;
  private readonly thread: LeaseThread;
  private renewed = 0;
  private soon: NodeJS.Timeout | undefined;

  constructor(paths: HomePaths, holder: string, log: Deps['log']) {
    this.paths = paths;
    this.holder = holder;
    this.log = log;
    this.file = path.join(paths.leases, holder);
    this.thread = new LeaseThread(this.file);
  }

  /** Renews the lease. `isHeavy`: work begins that may keep the loop busy, so that a thread has to renew from now on. */
  renew(isHeavy: boolean): void {
    if (isHeavy) this.thread.hold();
    if (this.renewed !== 0 && performance.now() - this.renewed < RENEW_MS) return;
    try {
      makeFolder(this.paths.state);
      makeFolder(this.paths.leases);
      if (this.renewed === 0) sweep(this.paths.leases);
      touch(this.file);
      this.renewed = performance.now();
      this.soon ??= setTimeout(() => this.hold(), SOON_MS).unref();
    } catch (error) {
      this.log.warn(
        { error: String(error) },
        'the lease could not be renewed; other processes may take over the work of this one',
      );
    }
  }

  private hold(): void {
    this.soon = undefined;
    this.thread.hold();
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

  hasLeft(other: string): boolean {
    return !fs.existsSync(path.join(this.paths.leases, other));
  }

  /** Removes the lease. A process that never renewed it has none, and may have no home either. */
  drop(): void {
    clearTimeout(this.soon);
    this.thread.end();
    if (this.renewed !== 0) fs.rmSync(this.file, { force: true });
  }
}

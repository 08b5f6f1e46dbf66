import type { Client } from 'pg';
import type { LeanHeap } from '../../lean-heap.ts';
import type { DatabaseConnections } from '../connection/connections.ts';
import { readCommitLine } from '../memory/commit-lines.ts';
import { loadRows, type PutRow } from '../memory/load-rows.ts';
import type { Memory } from '../memory/memory.ts';
import { CORE_BYTES, type CoreRow, demandFormat, readCore, saveCore } from './core-row.ts';
import type { DatabaseClock } from './database-clock.ts';
import { lockedNews, newsFollows, plainNews } from './news.ts';
import type { PostgresTuning } from './postgres-tuning.ts';
import type { SeenHeads } from './seen-heads.ts';

type RefresherTerms = { tuning: PostgresTuning; seen: SeenHeads; clock: DatabaseClock; heap: LeanHeap };

/** What was read so many ms ago is fresh, and after so many without anybody else's commit, a process takes itself to be alone. */
const FRESH_MS = 250;
const ALONE_AFTER_MS = 1_000;

/** A line was rewritten since memory was made: it doesn't name any more whom memory may still hold. */
class RewrittenSince extends Error {}

/** Whether memory is as of the commit as of which something was read. */
const isInStep = (memory: Memory, n: number) => memory.head.n === n;

/** Reads what the database has into the memory of one process, and keeps that current. */
export class Refresher {
  private readonly memory: Memory;
  private readonly connections: DatabaseConnections;
  private readonly terms: RefresherTerms;
  private isBegun = false;
  /** Memory is being made from the first commit on: it never held whom a rewritten line doesn't name. */
  private isFromNothing = false;
  /** The commit as of which the table `documents` was written, as far as this process knows. */
  private savedAt = 0;
  private bytesSince = 0;
  private manyBytes = CORE_BYTES;
  /** When news was asked for last, by how much the clock was ahead then, and when somebody else committed first. */
  private askedAt = Number.NEGATIVE_INFINITY;
  private readAhead = 0;
  private rivalsAt = Number.NEGATIVE_INFINITY;
  /** The epoch as of which the format of the database was looked at: a migration begins another one. */
  private checkedEpoch: number | undefined;
  private under: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(memory: Memory, connections: DatabaseConnections, terms: RefresherTerms) {
    this.memory = memory;
    this.connections = connections;
    this.terms = terms;
  }

  /** Takes in every commit that there is at the time of the call. Calls that wait together are served by one reading. */
  refresh(): Promise<void> {
    if (!this.under) {
      this.under = this.connections
        .untilDone((client) => this.refreshBy(client))
        .finally(() => {
          this.under = undefined;
        });
      return this.under;
    }
    this.next ??= this.under
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.refresh();
      });
    return this.next;
  }

  /** The same inside of a transaction, which keeps everybody else from committing from then on. */
  refreshLocked(client: Client): Promise<void> {
    return this.refreshBy(client, lockedNews);
  }

  async refreshBy(client: Client, readFirst = plainNews): Promise<void> {
    let rewritten = 0;
    for (let read = readFirst; ; read = plainNews) {
      if (!this.isBegun) await this.beginBy(client);
      if (this.terms.seen.isUnsure) await this.terms.seen.look(client);
      try {
        if (await this.readNews(client, read)) return;
      } catch (error) {
        if (!(error instanceof RewrittenSince)) throw error;
        // Whoever rewrites lines has written before what a start reads first, so that it is newer than they are.
        if (++rewritten === 1) this.isBegun = false;
        else this.beginFrom(undefined);
      }
    }
  }

  /** Whether memory has all that was committed before a moment that is hardly over, and is fresh. */
  isAsOf(moment: number): boolean {
    return performance.now() - moment < FRESH_MS && this.isCurrent && this.askedAt >= moment;
  }

  private get isCurrent(): boolean {
    const isRecent = performance.now() - this.askedAt < FRESH_MS && this.terms.tuning.aheadMs() === this.readAhead;
    return this.isBegun && !this.terms.seen.isUnsure && isRecent;
  }

  /** Whether the newest state was read a moment ago, and nobody else commits: a commit may try without reading it again. */
  get isFresh(): boolean {
    return this.isCurrent && !this.hasRivals;
  }

  /** Somebody else committed a moment ago. */
  get hasRivals(): boolean {
    return performance.now() - this.rivalsAt < ALONE_AFTER_MS;
  }

  /** Somebody else has committed first. */
  noteRivals(): void {
    this.rivalsAt = performance.now();
  }

  /** Memory may be wrong, or out of date beyond repair: it is made anew. */
  forget(): void {
    this.isBegun = false;
  }

  /** Reads what looks asked for in vain, as of the commit that memory has come to, or as of a newer one. */
  async load(): Promise<void> {
    const missed = new Map([...this.memory.attention.missed].map(([family, ids]) => [family, new Set(ids)]));
    await this.connections.untilDone((client) => this.loadBy(client, missed));
  }

  async loadBy(client: Client, missed: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    // News come soon or never: so a connection that passes nothing on is found out.
    await this.refreshBy(client);
    for (;;) {
      const { n } = this.memory.head;
      const puts = await this.read(client, missed);
      // Where no commit came meanwhile, what was read is as of the commit that memory has come to.
      await this.refreshBy(client);
      if (!isInStep(this.memory, n)) continue;
      for (const put of puts) put();
      return;
    }
  }

  /** The same inside of a transaction that keeps everybody else from committing behind commit `n`. */
  async loadLocked(client: Client, n: number): Promise<void> {
    const missed = new Map([...this.memory.attention.missed].map(([family, ids]) => [family, new Set(ids)]));
    const puts = await this.read(client, missed);
    if (isInStep(this.memory, n)) for (const put of puts) put();
    else await this.refreshBy(client);
  }

  private async read(client: Client, missed: ReadonlyMap<string, ReadonlySet<string>>): Promise<PutRow[]> {
    const puts = await loadRows(client, missed, this.memory.rows);
    for (const answers of [...Object.values(this.memory.queries), this.memory.shown]) {
      const keys = missed.get(answers.name);
      if (keys) puts.push(...(await answers.load(client, keys)));
    }
    return puts;
  }

  private async beginBy(client: Client): Promise<void> {
    this.checkedEpoch = await demandFormat(client);
    const core = await readCore(client);
    // Another reading may have begun meanwhile, and gone on from there.
    if (!this.isBegun) this.beginFrom(core);
  }

  private beginFrom(core: CoreRow | undefined): void {
    const { n, sha, documents } = core ?? { n: 0, sha: '', documents: {} };
    this.memory.begin({ n, sha, epoch: 0, unsealed: 0 }, documents);
    this.savedAt = n;
    this.bytesSince = 0;
    // It is behind until news was read.
    this.askedAt = Number.NEGATIVE_INFINITY;
    this.isFromNothing = core === undefined;
    this.isBegun = true;
  }

  /** Memory has come to the newest commit: that was seen. */
  noteHead(): void {
    const { n, sha } = this.memory.head;
    this.terms.seen.note(n, sha, this.memory.core.brake.heldOf('')?.restored);
  }

  /** Counts bytes of commits that this process has written or read. */
  noteWritten(bytes: number): void {
    this.bytesSince += bytes;
    this.terms.heap.pass(bytes);
  }

  /** A commit of this process was the newest one at a moment: nobody else's had come before it. */
  noteNewest(moment: number): void {
    this.askedAt = moment;
  }

  /** Writes what a process reads first, where many commits came since; so the next process needs to read few. */
  async saveIfDue(isForced = false): Promise<void> {
    const { n } = this.memory.head;
    const isDue = n - this.savedAt >= this.terms.tuning.snapshotEvery || this.bytesSince >= this.manyBytes;
    if (!this.isBegun || n === 0 || !(isDue || isForced)) return;
    this.savedAt = n;
    this.bytesSince = 0;
    this.manyBytes = await saveCore(this.connections, this.memory);
  }

  /** Takes in the next commits. True once memory has come to the head. */
  private async readNews(client: Client, read: typeof plainNews): Promise<boolean> {
    const { memory } = this;
    const { begun } = memory;
    const since = memory.head.n;
    const ahead = this.terms.tuning.aheadMs();
    const asked = performance.now();
    const news = await read(client, this.terms.clock, [since, ahead / 1000]);
    if (!news) return false;
    if (news.epoch !== this.checkedEpoch) this.checkedEpoch = await demandFormat(client);
    // Where memory was made anew meanwhile, these lines don't follow what it has.
    if (memory.begun !== begun || !this.isBegun) return false;
    if (isInStep(memory, since) && !newsFollows(news, memory.head)) {
      this.terms.seen.doubt();
      await this.terms.seen.look(client);
      // Where nothing that was seen is lost, the next line tells what is wrong.
      if (news.n <= since || this.terms.seen.stepBack) {
        this.isBegun = false;
        return false;
      }
      if (memory.begun !== begun) return false;
    }
    memory.holders = new Set(news.holders);
    memory.alive = new Set(news.alive);
    for (const line of news.lines ?? []) this.takeLine(line);
    if (memory.head.n > since) this.noteRivals();
    if (memory.head.n < news.n) return false;
    this.askedAt = asked;
    this.readAhead = ahead;
    this.isFromNothing = false;
    if (memory.head.n === news.n) memory.head = { ...memory.head, epoch: news.epoch, unsealed: news.unsealed };
    this.noteHead();
    return true;
  }

  private takeLine(line: string): void {
    const { commit, sha, rewriting } = readCommitLine(line);
    const { n } = this.memory.head;
    if (commit.n <= n) return;
    if (rewriting?.erased && !this.isFromNothing) throw new RewrittenSince();
    this.memory.take(commit.n, commit.prev, sha, commit.events);
    this.noteWritten(line.length);
  }
}

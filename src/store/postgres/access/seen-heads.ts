import type { Client } from 'pg';
import type { Deps } from '../../../domain/base/deps.ts';
import { AppError } from '../../../domain/base/errors.ts';
import { type SeenHead, type StepBack, SteppedBack } from '../../store.ts';
import type { DatabaseConnections } from '../connection/connections.ts';
import type { Database } from '../connection/database-url.ts';
import { withinTime } from '../connection/within-time.ts';
import { type KeptHead, SeenFiles } from './seen-files.ts';

/** Where a process remembers what it has seen: the home's folder. Without `writes` it only reads there. */
export type Remembering = { home: string; writes: boolean };

/** What was seen is written at most so often by itself: what acts on the world has it written before. */
const WRITE_MS = 5_000;

const isSame = (one: Pick<SeenHead, 'n' | 'sha'>, other: Pick<SeenHead, 'n' | 'sha'>) =>
  one.n === other.n && one.sha === other.sha;

/**
 * Notices where a database has an older state than this process has seen, or one before it in the same folder: it was
 * restored from a backup. It looks when a connection is new, because a database isn't restored without losing those that there
 * are, and where commits don't follow the one that this process knows.
 */
export class SeenHeads {
  /** What the database lacks, until a commit has said what follows from that. */
  stepBack: StepBack | undefined;
  private readonly files: SeenFiles | undefined;
  private readonly writes: boolean;
  private readonly connections: DatabaseConnections;
  private readonly log: Deps['log'];
  /** The digest of the home's first commit, once there is one. */
  private first: string | undefined;
  private seen: SeenHead | undefined;
  private written: SeenHead | undefined;
  private writtenAt = Number.NEGATIVE_INFINITY;
  /** How often there was a reason for a look, and how often as of the last look. */
  private doubts = 1;
  private settled = 0;

  constructor(
    connections: DatabaseConnections,
    { shown }: Database,
    remembering: Remembering | undefined,
    log: Deps['log'],
  ) {
    this.connections = connections;
    this.files = remembering && new SeenFiles(remembering.home, shown);
    this.writes = remembering?.writes === true;
    this.log = log;
  }

  /** There was a reason for a look since the last one: a connection is new, for example. */
  get isUnsure(): boolean {
    return this.doubts !== this.settled;
  }

  doubt(): void {
    this.doubts += 1;
  }

  /** The database has this as its newest commit. */
  note(n: number, sha: string, restored: readonly string[] = []): void {
    if (this.stepBack || n === 0) return;
    // In a home that began meanwhile, the next look tells by which commit.
    if (this.first === undefined) this.doubt();
    this.seen = { n, sha, restored };
    if (performance.now() - this.writtenAt < WRITE_MS) return;
    this.writtenAt = performance.now();
    setImmediate(() => this.write());
  }

  /** Looks whether the database still has what was seen. */
  async look(client: Client): Promise<void> {
    const kept = this.kept();
    // Over other connections this process goes on while the database answers: what is seen meanwhile isn't in the answer.
    const { doubts } = this;
    const own = this.seen ? [this.seen] : [];
    const wanted = [1, ...[...kept, ...own].map(({ n }) => n)];
    const { rows } = await client.query<{ n: number; sha: string }>(
      withinTime('select n, sha from commits where n = any($1)', [wanted]),
    );
    const first = rows.find(({ n }) => n === 1)?.sha;
    this.demandSameHome(first);
    const heads = [...headsOf(kept, first), ...own];
    const lost = heads.filter((head) => !rows.some((row) => isSame(row, head)));
    this.settled = doubts;
    const known = this.stepBack?.lost ?? [];
    const more = lost.filter((head) => !known.some((other) => isSame(other, head)));
    if (more.length === 0) return;
    this.stepBack = { lost: [...known, ...more] };
    this.seen = undefined;
  }

  /** Another home in the place of the one that this process works on is no older state of it. */
  private demandSameHome(first: string | undefined): void {
    if (this.first !== undefined && first !== this.first)
      throw new AppError(
        'STORE_ERROR',
        'The database holds another home than the one with which this process began, so nothing is read or written. End this process, and start it again where that is meant.',
      );
    this.first = first;
  }

  private kept(): KeptHead[] {
    try {
      return this.files?.all() ?? [];
    } catch (error) {
      this.tell(error);
      return [];
    }
  }

  /** What follows from a step back is written: what was lost is known, and needs no notice again. */
  accept(back: StepBack): void {
    if (this.stepBack !== back) return;
    this.stepBack = undefined;
    if (!this.writes) return;
    try {
      const lost = this.files?.all().filter((kept) => kept.isOwn && back.lost.some((head) => isSame(head, kept)));
      this.files?.drop(lost ?? []);
    } catch (error) {
      this.tell(error);
    }
  }

  /** Writes what was seen last. Where it can't be, it is told: nothing waits for that. */
  write(): boolean {
    const { files, first, seen } = this;
    if (!this.writes || !files || !seen || this.stepBack || this.isUnsure || first === undefined) return true;
    if (this.written && isSame(this.written, seen)) return true;
    try {
      if (!files.write(first, seen)) return false;
      this.written = seen;
    } catch (error) {
      this.tell(error);
    }
    return true;
  }

  /** Writes what was seen last, before something acts on the world. Throws SteppedBack where that isn't so any more. */
  async remember(): Promise<void> {
    // A newer head than this process knows is another one's, or from before the database was restored.
    if (this.isUnsure || !this.write()) await this.connections.untilDone((client) => this.look(client));
    if (this.stepBack) throw new SteppedBack(this.stepBack);
    this.write();
  }

  private tell(error: unknown): void {
    this.log.warn(
      { error: String(error) },
      'what was seen of the database could not be kept in the home; a database that is restored from a backup may not be noticed',
    );
  }
}

/** The heads of a home that count in a place: those that were seen there, else those seen in any. */
function headsOf(kept: readonly KeptHead[], first: string | undefined): KeptHead[] {
  const same = kept.filter((head) => head.first === first);
  const own = same.filter((head) => head.isOwn);
  return own.length > 0 ? own : same;
}

import { type Author, nameOf } from '../../../domain/base/author.ts';
import type { Deps } from '../../../domain/base/deps.ts';
import type { Event } from '../../../domain/state/events.ts';
import type { View } from '../../../domain/state/view.ts';
import { writeCommit } from '../../log/commit.ts';
import { type Decision, type StepBack, SteppedBack } from '../../store.ts';
import type { DatabaseConnections } from '../connection/connections.ts';
import { isRivalry } from '../connection/faults.ts';
import { AskedTooSoon } from '../memory/answers.ts';
import type { Memory } from '../memory/memory.ts';
import type { CommitJob, JobOutcome, LinesDraft } from './draft.ts';
import { keptAfterAll } from './kept-after-all.ts';
import { MissedByJobs } from './missed-by-jobs.ts';
import type { PostgresTuning } from './postgres-tuning.ts';
import type { Refresher } from './refresh.ts';
import type { SeenHeads } from './seen-heads.ts';
import { sendDraft, sendLocked } from './send-draft.ts';
import { toldWithBirth } from './told.ts';

type CommitTerms = { tuning: PostgresTuning; holder: string; now: Deps['now']; seen: SeenHeads };

/** So many decisions are written together at most, and about so many bytes. */
const MOST_JOBS = 64;
const MOST_BYTES = 4 << 20;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function isOfParts(event: Event): boolean {
  return event.type === 'contacts_saved' && event.part !== undefined && event.part > 0;
}

/** Decides what waits on the newest state, and writes it: several decisions in one transaction, each its own commit. */
export class Committer {
  private readonly memory: Memory;
  private readonly refresher: Refresher;
  private readonly connections: DatabaseConnections;
  private readonly terms: CommitTerms;
  private readonly waiting: CommitJob[] = [];
  private working: Promise<void> | undefined;
  private written = 0;

  constructor(memory: Memory, refresher: Refresher, connections: DatabaseConnections, terms: CommitTerms) {
    this.memory = memory;
    this.refresher = refresher;
    this.connections = connections;
    this.terms = terms;
  }

  commit<T>(author: Author, decide: (view: View) => Decision<T>, follows?: StepBack): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let done = () => {};
      this.waiting.push({
        author,
        decide(view) {
          const { events, value } = decide(view);
          done = () => resolve(value);
          return events;
        },
        follows,
        done: () => done(),
        fail: reject,
      });
      this.working ??= this.work();
    });
  }

  /** Ends once nothing waits. */
  async idle(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    // Those that come in the same turn are written together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const jobs = this.waiting.splice(0, MOST_JOBS);
      const decided = await this.settle(jobs);
      this.waiting.unshift(...jobs.slice(decided));
      // Several callers at once come again together, once they have their answers.
      if (jobs.length > 1) await turn();
    }
    this.working = undefined;
  }

  /** Decides some of the jobs, the first ones, and writes what they came to. Gives how many. */
  private async settle(jobs: CommitJob[]): Promise<number> {
    try {
      const decided = await this.write(jobs);
      for (const { job, error } of decided) {
        if (error === undefined) job.done();
        else job.fail(error);
      }
      return decided.length;
    } catch (error) {
      this.memory.dropDraft();
      this.refresher.forget();
      for (const job of jobs) job.fail(error);
      return jobs.length;
    }
  }

  /**
   * Where others commit as well, a decision on what was read before would mostly come too late: this process then has them wait
   * before it reads.
   */
  private async write(jobs: CommitJob[]): Promise<JobOutcome[]> {
    const { refresher } = this;
    while (!refresher.hasRivals) {
      if (!refresher.isFresh) await refresher.refresh();
      const draft = await this.draft(jobs, () => refresher.load());
      // What came to nothing counts where it was decided on the newest state.
      if (draft.added.length === 0) {
        await refresher.refresh();
        if (this.memory.head.n === draft.from.n) return draft.decided;
      } else if (await this.append(draft)) return draft.decided;
      else refresher.noteRivals();
    }
    return this.writeLocked(jobs);
  }

  /** The same, while nobody else can commit. What came while this process waited for its turn is written with it. */
  private writeLocked(jobs: CommitJob[]): Promise<JobOutcome[]> {
    return this.connections.untilDone(async (client) => {
      this.memory.dropDraft();
      await this.refresher.refreshLocked(client);
      const { n } = this.memory.head;
      jobs.push(...this.waiting.splice(0, MOST_JOBS - jobs.length));
      const draft = await this.draft(jobs, () => this.refresher.loadLocked(client, n));
      const sent = sendLocked(client, draft);
      const isKept = await sent.catch((error: unknown) => keptAfterAll(this.connections, draft.head, error));
      // It wasn't where the answer was lost, and where another reading has changed memory under the draft.
      if (!isKept) throw Object.assign(new Error('the answer was lost'), { code: '08006' });
      if (draft.added.length > 0) this.keep(draft);
      return draft.decided;
    });
  }

  /** Decides on what is in memory, and has what is missing loaded, until nothing is. */
  private async draft(jobs: readonly CommitJob[], load: () => Promise<void>): Promise<LinesDraft> {
    for (;;) {
      this.memory.dropDraft();
      const from = this.memory.head;
      const back = this.terms.seen.stepBack;
      const { begun } = this.memory;
      const draft: LinesDraft = { added: [], head: from, decided: [], bytes: 0, from, back, begun, changes: '{}' };
      if (this.decideAll(jobs, draft)) {
        draft.changes = JSON.stringify(this.memory.changes.toJson(this.memory.rows));
        return draft;
      }
      await load();
    }
  }

  /** False where documents are missing: those of all jobs are then noted as missed, so that one reading gives them. */
  private decideAll(jobs: readonly CommitJob[], draft: LinesDraft): boolean {
    const missing = new MissedByJobs();
    for (const job of jobs) {
      if (draft.bytes > MOST_BYTES) break;
      if (draft.back && job.follows !== draft.back) {
        draft.decided.push({ job, error: new SteppedBack(draft.back) });
        continue;
      }
      const outcome = this.memory.look((view) => {
        const events = job.decide(view);
        return events.map((event) => toldWithBirth(event, this.memory.queries));
      }, true);
      if (outcome === 'missed') {
        missing.add(this.memory.attention);
        continue;
      }
      if ('error' in outcome) {
        if (outcome.error instanceof AskedTooSoon) break;
        draft.decided.push({ job, error: outcome.error ?? new Error('a decision failed') });
        continue;
      }
      const isWritten = missing.isEmpty && outcome.value.length > 0;
      if (isWritten && !this.add(draft, nameOf(job.author), outcome.value)) missing.add(this.memory.attention);
      draft.decided.push({ job });
    }
    return missing.isEmpty || missing.giveTo(this.memory.attention);
  }

  /** Adds a commit to the draft, and a seal where its segment ends. */
  private add(draft: LinesDraft, by: string, events: Event[]): boolean {
    if (!this.addLine(draft, { by, events })) return false;
    const isFull = draft.head.unsealed >= this.terms.tuning.segmentBytes || events.some(isOfParts);
    return !isFull || this.addLine(draft, { by, events: [], seal: true });
  }

  private addLine(draft: LinesDraft, told: { by: string; events: Event[]; seal?: true }): boolean {
    const { n, sha: prev, unsealed } = draft.head;
    const writer = `${this.terms.holder}.${++this.written}`;
    const at = this.terms.now().toISOString();
    const { bytes, sha } = writeCommit({ n: n + 1, prev, writer, at, ...told }, false);
    if (!this.memory.draft(n + 1, told.events)) return false;
    draft.added.push([sha, bytes.toString('utf8', 0, bytes.length - 1)]);
    draft.bytes += bytes.length;
    draft.head = { ...draft.head, n: n + 1, sha, unsealed: told.seal ? 0 : unsealed + bytes.length };
    return true;
  }

  /** Writes a draft. False where others came first: nothing was written then. */
  private async append(draft: LinesDraft): Promise<boolean> {
    const asked = performance.now();
    let isKept: boolean;
    try {
      isKept = await this.connections.once(async (client) => this.isStill(draft) && (await sendDraft(client, draft)));
    } catch (error) {
      isKept = !isRivalry(error) && (await keptAfterAll(this.connections, draft.head, error));
    }
    if (isKept && this.keep(draft)) this.refresher.noteNewest(asked);
    return isKept;
  }

  /** Whether what was decided holds for the database that this process is connected to now: it may be an older one. */
  private isStill({ back }: LinesDraft): boolean {
    const { seen } = this.terms;
    return !seen.isUnsure && seen.stepBack === back;
  }

  /** Takes what was written into memory. False where memory isn't what the draft was made on: it reads the commits itself. */
  private keep({ from, head, bytes, begun }: LinesDraft): boolean {
    this.refresher.noteWritten(bytes);
    // Somebody else may have read these commits from the database meanwhile, or made memory anew, without the draft.
    const isSame = this.memory.begun === begun && this.memory.head.n === from.n;
    if (isSame) {
      this.memory.keepDraft({ ...head, epoch: this.memory.head.epoch });
      this.refresher.noteHead();
    } else this.memory.dropDraft();
    return isSame;
  }
}

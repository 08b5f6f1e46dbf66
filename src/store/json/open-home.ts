import { type Author, nameOf, PRODUCT } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { errorCode } from '../../files/durable.ts';
import type { Commit } from '../log/commit.ts';
import { twice } from '../rehearsal.ts';
import type { Decision } from '../store.ts';
import { keepAside } from './aside.ts';
import type { People } from './documents/people/people.ts';
import { Shelf } from './documents/shelf.ts';
import type { StoreTerms } from './documents/store-terms.ts';
import { Touched } from './documents/touched.ts';
import { demandOneHistory } from './history.ts';
import { type HomePaths, isToBeRaised } from './home.ts';
import { MoveWatch } from './home-mark.ts';
import { CommitLog, type SetAside } from './log/log.ts';
import { raiseHome } from './raise.ts';

function isOfParts(event: Event): boolean {
  return event.type === 'contacts_saved' && event.part !== undefined && event.part > 0;
}

/** An open home: the log, read to its end, and the documents that were asked for. */
export class OpenHome {
  private readonly log: CommitLog;
  private readonly paths: HomePaths;
  private readonly deps: Pick<Deps, 'now' | 'log'>;
  private readonly shelf: Shelf;
  private readonly moves: MoveWatch;
  private readonly runsTwice: boolean;
  private readonly raises: boolean;
  /** The snapshots are too far behind the log: nothing may be read before `ready` has ended. */
  isBehind: boolean;
  /** The home has to be raised before anything is written to it. */
  private isOfBefore: boolean;
  /** True while this process writes: it then has to write the snapshots of what changes. */
  private isWriting = false;
  /** An unreadable newest commit, until its bytes are kept elsewhere. */
  private aside: SetAside | undefined;

  constructor(paths: HomePaths, deps: Pick<Deps, 'now' | 'log'>, writer: string, terms: StoreTerms) {
    this.paths = paths;
    this.deps = deps;
    this.moves = new MoveWatch(paths.home);
    this.log = new CommitLog(paths.log, { writer, segmentBytes: terms.tuning.segmentBytes });
    const known = new Touched(paths.state);
    this.aside = this.log.open(known.end);
    demandOneHistory(paths, this.log, known, this.aside !== undefined);
    const touched = this.aside ? new Touched(paths.state, this.log.n) : known;
    this.shelf = new Shelf(paths.state, this.log, touched, terms);
    this.runsTwice = terms.tuning.runsTwice;
    this.raises = terms.tuning.raises;
    this.trySetAside();
    this.isOfBefore = isToBeRaised(paths);
    this.isBehind = !this.shelf.catchUp();
    if (!this.isBehind) this.begin();
  }

  /**
   * Makes the home ready for use, where its snapshots are missing or far behind the log: reads the log from its first
   * commit on, letting other work of the process in between.
   */
  async ready(): Promise<void> {
    if (!this.isBehind) return;
    const { n } = this.log;
    this.deps.log.info({ commits: n }, 'the home is being brought forward: its log is read once, from the start');
    for await (const _ of this.shelf.forward()) await new Promise((resolve) => setImmediate(resolve));
    this.isBehind = false;
    this.begin();
    this.deps.log.info({ commits: n }, 'the home has been brought forward');
  }

  private begin(): void {
    if (this.raises) this.tryRaise();
  }

  /** The contacts, for searches through all of them. */
  get people(): People {
    return this.shelf.people;
  }

  /** When an agent last evaluated each contact. */
  evaluatedBy(agentId: string): ReadonlyMap<string, string> {
    return this.shelf.documents.evaluated.get(agentId);
  }

  look<T>(look: (view: View) => T): T {
    const { view } = this.shelf;
    return this.runsTwice ? twice(() => look(view)) : look(view);
  }

  /** How many bytes of the log were written or read since the home was opened. */
  get position(): number {
    return this.log.position;
  }

  /** About how many bytes of JSON the documents in memory have. */
  get held(): number {
    return this.shelf.saving.held;
  }

  /** Makes the next `save` write all that changed, however little that is. */
  wantAllSaved(): void {
    this.shelf.saving.wantAll();
  }

  /** Whether snapshots should be written soon. */
  get wantsSaving(): boolean {
    return this.shelf.saving.isWanted;
  }

  /** Takes in what other processes have written to one segment of the log. Returns whether another one may follow. */
  catchUpSegment(): boolean {
    return this.log.catchUpSegment((commit) => this.shelf.take(commit, this.isWriting));
  }

  catchUp(): void {
    this.log.catchUp((commit) => this.shelf.take(commit, this.isWriting));
  }

  commit<T>(author: Author, decide: (view: View) => Decision<T>): T {
    return this.write(author, decide, false);
  }

  private write<T>(author: Author, decide: (view: View) => Decision<T>, isBarrier: boolean): T {
    const onCommit = (commit: Commit) => this.shelf.take(commit, this.isWriting);
    for (;;) {
      const { events: decided, value } = this.look(decide);
      if (decided.length === 0) return value;
      this.moves.demandHere();
      if (this.isOfBefore) {
        this.raise();
        continue;
      }
      this.setAside();
      const events = decided.map((event) => this.shelf.told(event));
      this.shelf.loadErased(events);
      this.isWriting = true;
      const seal = isBarrier ? ({ seal: true } as const) : {};
      const draft = { at: this.deps.now().toISOString(), by: nameOf(author), events, ...seal };
      const won = this.log.append(draft, onCommit, isBarrier);
      this.isWriting = false;
      if (!won) continue;
      this.moves.demandStillHere();
      this.trySeal(nameOf(author), onCommit, events.some(isOfParts));
      return value;
    }
  }

  release(): void {
    this.shelf.release();
  }

  /** Writes the snapshots that are due, letting other calls in between. */
  async save(): Promise<void> {
    await this.shelf.saving.save();
  }

  /** Writes and drops the documents that nobody needed since the last call, letting other calls in between. */
  async leaveBehind(): Promise<void> {
    await this.shelf.saving.leaveBehind();
  }

  /** Seals the log's segment. Returns the first commit number of the next one. */
  seal(author: Author): number {
    this.moves.demandHere();
    this.raise();
    this.log.seal(this.deps.now().toISOString(), nameOf(author), (commit) => this.shelf.take(commit, this.isWriting));
    return this.log.end.segment;
  }

  /** Writes all snapshots again that were made before an erasure. */
  async saveErased(): Promise<void> {
    await this.shelf.saving.saveErased();
  }

  /** Closes the home after a failure. What is in memory may be wrong, so no snapshot is written from it. */
  abandon(): void {
    this.shelf.saving.abandon();
    this.close();
  }

  close(): void {
    this.log.close();
  }

  /**
   * Seals a large segment, and that of a commit in parts, so that no contact that comes later is kept with an earlier part
   * of it. If that fails, nothing is lost: the commit before is on disk, and the next commit tries again.
   */
  private trySeal(author: string, onCommit: (commit: Commit) => void, isOfParts: boolean): void {
    try {
      const at = this.deps.now().toISOString();
      if (isOfParts) this.log.seal(at, author, onCommit);
      else this.log.sealIfLarge(at, author, onCommit);
    } catch (error) {
      this.deps.log.warn({ error: String(error) }, 'a log segment could not be sealed');
    }
  }

  /** Raises a home of an earlier format. On a full or read-only disk reading goes on, and a commit tries again. */
  private tryRaise(): void {
    try {
      this.raise();
    } catch (error) {
      if (error instanceof AppError || errorCode(error) === undefined) throw error;
      this.deps.log.warn({ error: String(error) }, 'the home could not be raised to the format of this version yet');
    }
  }

  private raise(): void {
    if (!this.isOfBefore) return;
    // Nothing else may be written before, but what raises the home.
    this.isOfBefore = false;
    try {
      const at = this.deps.now().toISOString();
      const write = (decide: (view: View) => Decision<void>, isBarrier: boolean) =>
        this.write(PRODUCT, decide, isBarrier);
      if (isToBeRaised(this.paths)) raiseHome(this.paths, at, write);
    } catch (error) {
      this.isOfBefore = true;
      throw error;
    }
  }

  /** Sets an unreadable newest commit aside. On a full or read-only disk it stays in the log, and reading goes on. */
  private trySetAside(): void {
    try {
      this.setAside();
    } catch (error) {
      const log = this.aside?.file;
      this.deps.log.warn({ error: String(error), log }, 'an unreadable newest commit could not be set aside yet');
    }
  }

  private setAside(): void {
    if (this.aside) keepAside(this.paths, this.aside, this.deps.log);
    this.aside = undefined;
  }
}

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Author, nameOf } from '../../domain/author.ts';
import type { Deps } from '../../domain/deps.ts';
import { AppError } from '../../domain/errors.ts';
import { documentsOf } from '../../domain/fold.ts';
import type { View } from '../../domain/state.ts';
import type { Decision } from '../store.ts';
import type { Commit } from './commit.ts';
import * as documents from './documents.ts';
import type { HomePaths } from './home.ts';
import { CommitLog, type SetAside } from './log.ts';
import { type AnySlot, type Replay, Slot } from './slot.ts';
import { Touched } from './touched.ts';

/** From this many replayed commits on, a snapshot is worth writing even by a process that only read. */
const LONG_REPLAY = 500;

/** A home while it is open: the end of its log, and the documents that were asked for. */
export class OpenHome {
  readonly view: View;
  hasChanges = false;
  private readonly log: CommitLog;
  private readonly paths: HomePaths;
  private readonly deps: Pick<Deps, 'now' | 'log'>;
  private readonly slots = new Map<string, AnySlot>();
  private readonly touched: Touched;
  private ours = false;
  /** Documents that this process changed since their snapshots. */
  private readonly stale = new Set<string>();
  /** How to load a document that nobody asked for yet. */
  private readonly loaders = new Map<string, () => unknown>();

  constructor(paths: HomePaths, deps: Pick<Deps, 'now' | 'log'>, writer: string) {
    this.paths = paths;
    this.deps = deps;
    this.log = new CommitLog(paths.log, writer);
    const aside = this.log.open();
    if (aside) this.trySetAside(aside);
    this.touched = new Touched(paths.state);
    // Another process may have committed and saved between the two readings.
    if (this.touched.n > this.log.n) this.log.catchUp(() => undefined);
    this.refuseLostCommits();
    this.log.replay(this.touched.n + 1, (commit) => this.touched.take(commit));
    this.view = this.createView();
  }

  catchUp(): void {
    this.log.catchUp((commit) => this.take(commit));
  }

  commit<T>(author: Author, decide: (view: View) => Decision<T>): T {
    const onCommit = (commit: Commit) => this.take(commit);
    for (;;) {
      const { events, value } = decide(this.view);
      if (events.length === 0) return value;
      this.ours = true;
      const won = this.log.append({ at: this.deps.now().toISOString(), by: nameOf(author), events }, onCommit);
      this.ours = false;
      if (!won) continue;
      this.hasChanges = true;
      this.trySeal(nameOf(author), onCommit);
      return value;
    }
  }

  save(): void {
    if (!this.hasChanges) return;
    for (const key of this.stale) this.load(key);
    for (const slot of this.slots.values()) slot.save();
    this.stale.clear();
    this.touched.save();
    this.hasChanges = false;
  }

  close(): void {
    this.log.close();
  }

  private take(commit: Commit): void {
    this.touched.take(commit);
    for (const event of commit.events) {
      for (const key of documentsOf(event)) {
        const slot = this.slots.get(key);
        slot?.take(event, commit.n);
        if (!this.ours) continue;
        slot?.markChanged();
        this.stale.add(key);
      }
    }
  }

  private slot<S, D>(stored: documents.Stored<S, D>, key: string): () => S {
    let made: Slot<S, D> | undefined;
    const load = () => {
      if (!made) {
        made = new Slot(stored, key, this.paths.state, this.touched.at(key), this.log.n, this.replay(key));
        this.slots.set(key, made);
      }
      return made.state;
    };
    this.loaders.set(key, load);
    return load;
  }

  /** Brings a document into memory, so that its snapshot can be written. */
  private load(key: string): void {
    const [family, id] = key.split('/');
    if (id === undefined) this.loaders.get(key)?.();
    else if (family === 'agents') this.view.agent(id);
    else this.view.run(id);
  }

  private replay(key: string): Replay {
    return (from, onEvent) => {
      if (this.log.n - from > LONG_REPLAY) this.hasChanges = true;
      this.log.replay(from, (commit) => {
        for (const event of commit.events) if (documentsOf(event).includes(key)) onEvent(event);
      });
    };
  }

  /** Documents of one agent or run, made when first asked for. */
  private family<S, D>(stored: documents.Stored<S, D>, name: string): (id: string) => S {
    const members = new Map<string, () => S>();
    return (id) => {
      let member = members.get(id);
      if (!member) {
        if (this.touched.at(`${name}/${id}`) === 0) return stored.empty();
        member = this.slot(stored, `${name}/${id}`);
        members.set(id, member);
      }
      return member();
    };
  }

  private createView(): View {
    return {
      commits: () => this.log.n,
      agents: this.slot(documents.agents, 'agents'),
      agent: this.family(documents.agent, 'agents'),
      runs: this.slot(documents.runs, 'runs'),
      run: this.family(documents.run, 'runs'),
      contacts: this.slot(documents.contacts, 'contacts'),
      activity: this.slot(documents.activity, 'activity'),
      ledger: this.slot(documents.ledger, 'ledger'),
      desk: this.slot(documents.desk, 'desk'),
      identities: this.slot(documents.identities, 'identities'),
      keys: this.slot(documents.keys, 'keys'),
    };
  }

  /** The commit before is kept whatever becomes of the seal; the next one tries again. */
  private trySeal(author: string, onCommit: (commit: Commit) => void): void {
    try {
      this.log.sealIfLarge(this.deps.now().toISOString(), author, onCommit);
    } catch (error) {
      this.deps.log.warn({ error: String(error) }, 'a log segment could not be sealed');
    }
  }

  /** On a full or read-only disk the bytes stay in the log, and reading goes on. */
  private trySetAside(aside: SetAside): void {
    try {
      this.setAside(aside);
    } catch (error) {
      this.deps.log.warn(
        { error: String(error), log: aside.file },
        'an unreadable newest commit could not be set aside',
      );
    }
  }

  /** Keeps the bytes of a newest commit that can't be read, and forgets snapshots that had taken it in. */
  private setAside(aside: SetAside): void {
    this.forgetSnapshotsAfter(aside.after);
    const name = `after-commit-${aside.after}-${createHash('sha256').update(aside.bytes).digest('hex').slice(0, 12)}.txt`;
    const file = path.join(this.paths.aside, name);
    fs.mkdirSync(this.paths.aside, { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, aside.bytes, { mode: 0o600 });
    this.deps.log.warn(
      { log: aside.file, kept: file, commit: aside.after + 1 },
      `commit ${aside.after + 1}, the newest, can't be read; it was dropped, its bytes are kept in ${file}, and everything before it is there`,
    );
  }

  private forgetSnapshotsAfter(n: number): void {
    for (const entry of fs.readdirSync(this.paths.state, { recursive: true, encoding: 'utf8' })) {
      const snapshot = path.join(this.paths.state, entry);
      const at = entry.endsWith('.json') ? snapshotNumber(snapshot) : undefined;
      if (at !== undefined && at > n) fs.rmSync(snapshot, { force: true });
    }
  }

  private refuseLostCommits(): void {
    if (this.touched.n <= this.log.n) return;
    throw new AppError(
      'STORE_ERROR',
      `The log in ${this.paths.log} ends at commit ${this.log.n}, but the snapshots in ${this.paths.state} know of commit ${this.touched.n}: log files are missing or were emptied. Nothing was changed. Restore them from a backup; \`countersign doctor\` lists every fault.`,
      { file: this.paths.log, commit: this.log.n + 1 },
    );
  }
}

/** The commit a snapshot stands for, read from its first bytes. */
function snapshotNumber(file: string): number | undefined {
  if (!fs.existsSync(file)) return undefined;
  const fd = fs.openSync(file, 'r');
  try {
    const head = Buffer.alloc(64);
    fs.readSync(fd, head, 0, head.length, 0);
    const digits = /^\{"format": \d+, "n": (\d+),/.exec(head.toString('latin1'))?.[1];
    return digits === undefined ? undefined : Number(digits);
  } finally {
    fs.closeSync(fd);
  }
}

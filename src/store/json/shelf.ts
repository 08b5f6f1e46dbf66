import { type Part, partsOf, shardOf } from '../../domain/parts.ts';
import type { View } from '../../domain/state.ts';
import type { Commit } from './commit.ts';
import * as documents from './documents.ts';
import type { CommitLog } from './log.ts';
import { Replays } from './replays.ts';
import { type AnySlot, Slot } from './slot.ts';
import { Touched } from './touched.ts';

/** From this many replayed commits on, a snapshot is worth writing even by a process that only read. */
const LONG_REPLAY = 500;

/** The documents of an open home that were asked for, kept current commit by commit. */
export class Shelf {
  readonly view: View;
  hasChanges = false;
  readonly touched: Touched;
  private readonly directory: string;
  private readonly log: CommitLog;
  private readonly replays: Replays;
  private readonly slots = new Map<string, AnySlot>();
  /** Documents that this process changed since their snapshots. */
  private readonly stale = new Set<string>();
  /** How to load a document, or a member of a family of them, that nobody asked for yet. */
  private readonly loaders = new Map<string, (id: string) => unknown>();

  constructor(directory: string, log: CommitLog) {
    this.directory = directory;
    this.log = log;
    this.replays = new Replays(log);
    this.touched = new Touched(directory);
    this.view = this.createView();
  }

  /** Learns which documents were touched since the record of that was written. */
  catchUpTouched(): void {
    this.log.replay(this.touched.n + 1, (commit) => this.touched.take(commit.n, commit.events.flatMap(partsOf)));
  }

  take(commit: Commit, isOurs: boolean): void {
    this.replays.release();
    const parts = commit.events.flatMap(partsOf);
    this.touched.take(commit.n, parts);
    for (const part of parts) this.takePart(part, commit.n, isOurs);
  }

  /** Lets go of what was read from the log for documents that were not asked for. */
  release(): void {
    this.replays.release();
  }

  save(): void {
    if (!this.hasChanges) return;
    for (const key of this.stale) this.load(key);
    for (const slot of this.slots.values()) slot.save();
    this.stale.clear();
    this.touched.save();
    this.hasChanges = false;
  }

  private takePart({ key, event }: Part, n: number, isOurs: boolean): void {
    const slot = this.slots.get(key);
    slot?.take(event, n);
    if (!isOurs) return;
    slot?.markChanged();
    this.stale.add(key);
  }

  /** Brings a document into memory, so that its snapshot can be written. */
  private load(key: string): void {
    const start = key.indexOf('/') + 1;
    this.loaders.get(start === 0 ? key : key.slice(0, start))?.(key.slice(start));
  }

  private slot<S, D>(stored: documents.Stored<S, D>, key: string): () => S {
    let made: Slot<S, D> | undefined;
    return () => {
      if (made) return made.state;
      made = new Slot(stored, key, this.directory, this.touched.at(key), this.log.n, (from, onEvent) => {
        if (this.log.n - from > LONG_REPLAY) this.hasChanges = true;
        this.replays.replay(key, from, onEvent);
      });
      this.slots.set(key, made);
      return made.state;
    };
  }

  private single<S, D>(stored: documents.Stored<S, D>, key: string): () => S {
    const load = this.slot(stored, key);
    this.loaders.set(key, load);
    return load;
  }

  /** Documents of one agent, run or shard, made when first asked for. */
  private family<S, D>(stored: documents.Stored<S, D>, name: string): (id: string) => S {
    const members = new Map<string, () => S>();
    const load = (id: string) => {
      let member = members.get(id);
      if (!member) {
        if (this.touched.at(`${name}/${id}`) === 0) return stored.empty();
        member = this.slot(stored, `${name}/${id}`);
        members.set(id, member);
      }
      return member();
    };
    this.loaders.set(`${name}/`, load);
    return load;
  }

  private createView(): View {
    const activity = this.family(documents.activity, 'activity');
    const ledger = this.family(documents.ledger, 'ledger');
    const agents = this.single(documents.agents, 'agents');
    const files = this.family(documents.agentFile, 'agents');
    const evaluated = this.family(documents.evaluated, 'evaluated');
    const desk = this.single(documents.desk, 'desk');
    const open = this.single(documents.open, 'open');
    return {
      commits: () => this.log.n,
      agents: () => agents().byId,
      agentsNamed: (name) => [...(agents().byName.get(name.toLowerCase()) ?? [])].sort(),
      agent: (id) => ({
        get versions() {
          return files(id).versions;
        },
        get evaluated() {
          return evaluated(id);
        },
        get usage() {
          return files(id).usage;
        },
      }),
      runs: this.single(documents.runs, 'runs'),
      run: this.family(documents.run, 'runs'),
      contacts: this.single(documents.contacts, 'contacts'),
      activity: (contactId) => activity(shardOf(contactId)).get(contactId) ?? { events: [], notes: [] },
      ledger: (contactId) => ledger(shardOf(contactId)).get(contactId) ?? [],
      desk: () => ({
        ...desk(),
        get open() {
          return open();
        },
      }),
      schedules: this.single(documents.schedules, 'schedules'),
      identities: this.single(documents.identities, 'identities'),
      threads: this.single(documents.threads, 'threads'),
      thread: this.family(documents.thread, 'threads'),
      keys: this.single(documents.keys, 'keys'),
      decisionHead: this.single(documents.decisionHead, 'decisions'),
      decisions: this.family(documents.decisions, 'decisions'),
    };
  }
}

import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../src/domain/base/errors.ts';
import type { DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { View } from '../../src/domain/state/view.ts';
import { readHead, splitLines } from '../../src/store/log/commit.ts';
import type { Store } from '../../src/store/store.ts';
import type { Damage, Files } from './damage.ts';
import { NOW } from './fixtures.ts';
import { type Left, printOf, type Scene, storeOf } from './lived-home.ts';

function bytesIn(home: string): Map<string, string> {
  const names = fs.readdirSync(home, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.statSync(path.join(home, name)).isFile());
  return new Map(files.map((name) => [name, fs.readFileSync(path.join(home, name), 'base64')]));
}

/** Files that changed, came or went. Where bytes were set aside, those below `set-aside` and `state` may change. */
function changedIn(home: string, before: ReadonlyMap<string, string>): string[] {
  const now = bytesIn(home);
  const isAside = fs.existsSync(path.join(home, 'set-aside'));
  const names = [...new Set([...before.keys(), ...now.keys()])];
  return names.filter((name) => before.get(name) !== now.get(name) && !(isAside && /^(state|set-aside)/.test(name)));
}

/** What is left of a damaged log, judged by its bytes alone. */
class Rest {
  /** How many commits are there whole, without a gap, from the first one on. */
  readonly reach: number;
  /** The newest commit was forged with a digest that fits: a log has nothing by which that can be told. */
  readonly isForged: boolean;
  private readonly segments: (readonly [first: number, bytes: Buffer])[];
  private readonly scene: Scene;

  constructor(scene: Scene, log: Files) {
    this.scene = scene;
    this.segments = [...log].map(([name, bytes]) => [Number.parseInt(name, 10), bytes] as const);
    this.segments.sort(([one], [other]) => one - other);
    let reach = 0;
    for (const [, bytes] of this.segments)
      for (const line of splitLines(bytes).lines) if (scene.lines[reach]?.equals(line)) reach += 1;
    this.reach = reach;
    const newest = scene.lines.at(-1);
    const [was, is] = [newest, splitLines(this.segments.at(-1)?.[1] ?? Buffer.alloc(0)).lines.at(-1)].map(
      (line) => line && readHead(line),
    );
    this.isForged = reach === scene.lines.length - 1 && is?.n === was?.n && is?.prev === was?.prev;
  }

  /** Whether a segment that holds commits from `from` on still shows that there was a commit `n`, or a later one. */
  tellsOf(n: number, from = 1): boolean {
    const start = this.segments.findLastIndex(([first]) => first <= from);
    const bytes = Buffer.concat(this.segments.slice(Math.max(0, start)).map(([, read]) => read));
    return this.scene.lines.slice(n - 1).some((line) => bytes.includes(line.subarray(0, line.indexOf('","') + 2)));
  }
}

type Opened = { count: number; print: string } | { error: unknown };

class Judge {
  private readonly found: string[] = [];
  private readonly scene: Scene;
  private readonly home: string;
  private readonly known: number;
  private readonly log: Files;
  private readonly rest: Rest;

  constructor(scene: Scene, left: Left, home: string, log: Files) {
    this.scene = scene;
    this.home = home;
    this.known = scene.known[left];
    this.log = log;
    this.rest = new Rest(scene, log);
  }

  async wrongs(): Promise<string[]> {
    const before = bytesIn(this.home);
    await this.judgeAudit();
    const faults = await this.judgeCheck();
    const warnings: string[] = [];
    const store = storeOf(this.home, warnings);
    const opened = await this.open(store);
    if ('error' in opened) this.judgeRefusal(opened.error, before, faults);
    else await this.judgeOpened(store, opened, warnings);
    await store.close().catch((error: unknown) => this.found.push(`close threw ${error}`));
    if ('polluted' in {}) this.found.push('a prototype was polluted');
    return this.found;
  }

  /** Whether the log or a snapshot shows that there was a commit `n`, or a later one. */
  private isTold(n: number): boolean {
    return this.known >= n || this.rest.tellsOf(n);
  }

  /** As `isTold`, by what opening reads alone: where there are snapshots, that is only the log after them. */
  private isToldAtOpening(n: number): boolean {
    return this.known >= n || this.rest.tellsOf(n, this.known + 1);
  }

  private say(isWrong: boolean, what: string): void {
    if (isWrong) this.found.push(what);
  }

  /** How many of the acknowledged changes a view has. */
  private keysIn(view: View): number {
    return this.scene.moments.filter(({ key }) => view.key('life', key) !== undefined).length;
  }

  private async open(store: Store): Promise<Opened> {
    try {
      return await store.read((view) => {
        const count = this.keysIn(view);
        return { count, print: printOf(view, this.scene.moments[count - 1]?.names ?? []) };
      });
    } catch (error) {
      return { error };
    }
  }

  private async judgeAudit(): Promise<void> {
    const { reach } = this.rest;
    try {
      const audit = await storeOf(this.home).audit();
      const entries: DecisionEntry[] = [];
      for await (const entry of audit.entries()) entries.push(entry);
      if (audit.faults.length > 0) return;
      const isPrefix = entries.every((entry, i) => JSON.stringify(entry) === JSON.stringify(this.scene.entries[i]));
      this.say(!isPrefix && !this.rest.isForged, 'the audit calls another decision log whole');
      this.say(reach < this.scene.lines.length && this.isTold(reach + 2), 'the audit calls a log whole that lost more');
      const isSaid = audit.warnings.length > 0 || !this.isTold(reach + 1);
      this.say(
        reach < this.scene.lines.length && !isSaid && !this.rest.isForged,
        'the audit says nothing of the newest commit',
      );
    } catch (error) {
      this.found.push(`the audit threw ${error}`);
    }
  }

  private async judgeCheck(): Promise<string[]> {
    const { reach } = this.rest;
    const { faults, warnings } = await storeOf(this.home).check();
    const isShort = reach < this.scene.lines.length && !this.rest.isForged;
    this.say(isShort && this.isTold(reach + 2) && faults.length === 0, 'the doctor finds no fault');
    this.say(isShort && this.isTold(reach + 1) && faults.length + warnings.length === 0, 'the doctor says nothing');
    return faults;
  }

  private judgeRefusal(error: unknown, before: Map<string, string>, faults: string[]): void {
    const message = error instanceof Error ? error.message : String(error);
    this.say(!(error instanceof AppError) || error.code !== 'STORE_ERROR', `refused by ${error}`);
    this.say(!message.includes(this.home) || !message.includes('countersign doctor'), `refused in words: ${message}`);
    const changed = changedIn(this.home, before);
    this.say(changed.length > 0, `refused, but changed ${changed}`);
    const isAlien = message.includes("doesn't understand");
    this.say(faults.length === 0 && !isAlien, `refused, but the doctor finds no fault: ${message}`);
  }

  private async judgeOpened(store: Store, { count, print }: { count: number; print: string }, warnings: string[]) {
    const { moments } = this.scene;
    const isPrefix = count === 0 || this.rest.isForged || print === moments[count - 1]?.print;
    this.say(!isPrefix, `opened with ${count}, but not as they were`);
    this.say(count === 0 && this.isToldAtOpening(2), 'opened empty');
    const [newest, ...more] = moments.slice(count);
    const isKept = fs.existsSync(path.join(this.home, 'set-aside')) && warnings.length > 0;
    this.say(newest !== undefined && this.isToldAtOpening(newest.n) && !isKept, 'lost the newest, said nothing');
    const older = more.filter(({ n }) => this.isToldAtOpening(n)).map(({ key }) => key);
    this.say(older.length > 0, `lost ${[newest?.key, ...older]}`);
    await this.goOn(store, count);
  }

  /** Expects that an opened home takes another change, and that no byte of its log was written over. */
  private async goOn(store: Store, count: number): Promise<void> {
    try {
      await store.commit('life', () => ({
        events: [{ type: 'key_used', tool: 'life', key: 'after', digest: '', id: 'after', at: NOW }],
        value: undefined,
      }));
      const size = await storeOf(this.home).read((view) => (view.key('life', 'after') ? this.keysIn(view) + 1 : -1));
      this.say(size !== count + 1, `after one more change ${size} are there of ${count + 1}`);
    } catch (error) {
      this.found.push(`could not go on: ${error}`);
    }
    for (const [name, bytes] of this.log) {
      const now = fs.readFileSync(path.join(this.home, 'log', name));
      this.say(!now.subarray(0, bytes.length).equals(bytes), `${name} was written over`);
    }
  }
}

/** Opens a damaged home, and says in words which promises were broken: an empty list where none was. */
export async function wrongsOf(scene: Scene, left: Left, home: string, damage: readonly Damage[], other: Files) {
  fs.cpSync(scene.homes[left], home, { recursive: true });
  const log = new Map(scene.log);
  for (const does of damage) if (log.size > 0) does(log, other);
  fs.rmSync(path.join(home, 'log'), { recursive: true });
  fs.mkdirSync(path.join(home, 'log'));
  for (const [name, bytes] of log) fs.writeFileSync(path.join(home, 'log', name), bytes);
  return new Judge(scene, left, home, log).wrongs();
}

import fs from 'node:fs';
import path from 'node:path';
import { Chance } from './chance.ts';
import type { Fault } from './faulty-disk.ts';
import { type Life, startLife } from './lives.ts';
import { type Verdict, verdictOn } from './verified.ts';

export type Figures = {
  processes: number;
  kills: number;
  freezes: number;
  disk_faults: number;
  snapshots_damaged: number;
  acknowledged: number;
  /** Lines on the stderr of processes that no injected fault explains. */
  unexplained: string[];
};

const AT_ONCE = 4;
/** A siege in which less has happened shows nothing; on a busy machine it takes longer. */
const LEAST_KILLS = 4;
const LEAST_ACKNOWLEDGED = 21;
const FAULTS = ['kill', 'half', 'freeze', 'short', 'ENOSPC', 'EIO'] as const;
const EXPLAINED = /struck at|disk is full|did not confirm a write|\(EIO\)|^$/;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs processes on one home, kills and freezes them, has their disk fail, and damages the home's snapshots. */
export class Siege {
  readonly figures: Figures = {
    processes: 0,
    kills: 0,
    freezes: 0,
    disk_faults: 0,
    snapshots_damaged: 0,
    acknowledged: 0,
    unexplained: [],
  };
  readonly #home: string;
  readonly #chance: Chance;
  readonly #acknowledged: string[] = [];
  readonly #living = new Set<Life>();
  /** Earlier versions of snapshots, by path. */
  readonly #kept = new Map<string, Buffer>();

  constructor(home: string, seed: number) {
    this.#home = home;
    this.#chance = new Chance(seed);
  }

  /** Goes on for so long, and until enough has happened, then reads what is left. */
  async run(seconds: number): Promise<Verdict> {
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until || this.figures.kills < LEAST_KILLS || this.#acknowledged.length < LEAST_ACKNOWLEDGED) {
      while (this.#living.size < AT_ONCE) this.#start();
      await pause(this.#chance.below(60));
      this.#strike();
    }
    for (const { child } of this.#living) child.kill('SIGKILL');
    while (this.#living.size > 0) await pause(10);
    this.figures.acknowledged = this.#acknowledged.length;
    return verdictOn(this.#home, this.#acknowledged);
  }

  #start(): void {
    const chance = this.#chance;
    const name = `p${this.figures.processes++}`;
    const tuning = {
      segmentBytes: 2_000 + chance.below(20_000),
      saveAfterMs: 1 + chance.below(150),
      smallBytes: chance.below(3_000),
      memoryBytes: chance.below(60_000),
      muchBytes: chance.below(3_000),
      farBytes: chance.below(4) === 0 ? chance.below(60_000) : 64 << 20,
    };
    const fault = chance.below(2) === 0 ? this.#fault() : undefined;
    const options = { home: this.#home, name, seed: chance.below(2 ** 32), count: 20 + chance.below(300), tuning };
    const isAsking = chance.below(3) === 0;
    const life = startLife({ ...options, filler: chance.below(600), isAsking, ...(fault ? { fault } : {}) });
    this.#living.add(life);
    life.ended.then(({ acknowledged, said, isKilled }) => {
      if (isKilled) this.figures.kills += 1;
      this.#living.delete(life);
      this.#acknowledged.push(...acknowledged);
      const lines = said.split('\n').filter((line) => !EXPLAINED.test(line) && !line.startsWith('operations '));
      this.figures.unexplained.push(...lines);
    });
  }

  #fault(): Fault {
    this.figures.disk_faults += 1;
    const what = this.#chance.oneOf(FAULTS) ?? 'kill';
    const within = this.#chance.oneOf(['', '/log/', '/state/', '/state/tmp/']) ?? '';
    return { at: 1 + this.#chance.below(within === '/log/' ? 300 : 1_500), what, within };
  }

  /** Does one harmful thing to the home or a process, or nothing. */
  #strike(): void {
    const [life] = this.#chance.some([...this.#living], 1);
    const what = this.#chance.below(40);
    if (what === 0 && life) life.child.kill('SIGKILL');
    if (what === 1 && life) this.#freeze(life);
    if (what > 1 && what < 8) this.#damage();
    // A process that froze itself, by an injected fault, is woken at some time.
    if (what > 30) for (const each of this.#living) each.child.kill('SIGCONT');
  }

  #freeze(life: Life): void {
    this.figures.freezes += 1;
    life.child.kill('SIGSTOP');
    setTimeout(() => life.child.kill('SIGCONT'), this.#chance.below(1_500));
  }

  /** Takes a snapshot away, tears it, or puts an older one in its place. */
  #damage(): void {
    const state = path.join(this.#home, 'state');
    try {
      const names = fs
        .readdirSync(state, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'));
      const file = path.join(state, this.#chance.oneOf(names) ?? '');
      const bytes = fs.readFileSync(file);
      const older = this.#kept.get(file);
      const way = this.#chance.below(4);
      if (way === 0) fs.rmSync(file, { force: true });
      else if (way === 1) fs.writeFileSync(file, bytes.subarray(0, this.#chance.below(bytes.length)));
      else if (way === 2) fs.writeFileSync(file, '');
      else if (older) fs.writeFileSync(file, older);
      this.#kept.set(file, bytes);
      this.figures.snapshots_damaged += 1;
    } catch {
      // The snapshot was gone before it could be damaged.
    }
  }
}

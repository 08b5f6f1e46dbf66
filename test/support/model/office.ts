import fs from 'node:fs';
import path from 'node:path';
import type { Deps } from '../../../src/domain/base/deps.ts';
import { AppError } from '../../../src/domain/base/errors.ts';
import { createIds } from '../../../src/domain/base/ids.ts';
import type { Event } from '../../../src/domain/state/events.ts';
import type { House } from '../../../src/engine/base/house.ts';
import { createHouse } from '../../../src/process/house.ts';
import { testDeps } from '../fixtures.ts';
import { passingHome } from '../property.ts';
import { openSink, type Sink } from '../sink.ts';
import { aStore } from '../store.ts';
import { TRUSTING } from '../trusting.ts';
import { Frost, type Turnstile } from './frost.ts';
import { type Mood, trustsClients } from './state.ts';
import type { Stop } from './work.ts';

type Running = { number: number; house: House; frost: Frost; doing: Promise<unknown> };
/** What came of a call: its value, nothing yet because the process is frozen, or the error that the caller reads. */
export type Answer<T> = { told: 'ok'; value: T } | { told: 'frozen' } | { told: string; error: AppError };

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function isAfter(stop: Stop): ((events: readonly Event[]) => boolean) | undefined {
  if (stop === undefined || stop === 'sent') return undefined;
  return (events) =>
    events.some((event) =>
      event.type === 'actions_changed' ? event.changes.some(({ to }) => to === stop) : event.type === stop,
    );
}

export async function answerOf<T>(call: Promise<T>): Promise<Answer<T>> {
  try {
    return { told: 'ok', value: await call };
  } catch (error) {
    if (error instanceof AppError) return { told: error.code, error };
    throw error;
  }
}

/** The product under test: several processes on one home, a receiver of webhooks, and a clock that the test sets. */
export class Office {
  readonly home = passingHome();
  clock = Date.parse('2026-03-02T09:30:00Z');
  mood: Mood = 'accepts';
  /** Decides whose turn it is to read, write or send, for a test that cares about the order. */
  turnstile: Turnstile = () => undefined;
  readonly sink: Sink;
  /** One running process for each place. A process that freezes is replaced by a new one. */
  readonly places: Running[] = [];
  readonly frozen = new Map<number, Running>();
  #count = 0;
  #stop: Stop;

  private constructor(sink: Sink) {
    this.sink = sink;
  }

  static async open(places: number): Promise<Office> {
    const office: Office = new Office(
      await openSink((_request, response) => {
        if (office.mood === 'breaks off') response.destroy();
        else response.writeHead(office.mood === 'accepts' ? 200 : 400).end();
      }),
    );
    for (let place = 0; place < places; place++) office.places.push(office.#start());
    return office;
  }

  at(place: number): Running {
    const running = this.places[place % this.places.length];
    if (!running) throw new Error(`no process runs at place ${place}`);
    return running;
  }

  /** Has the process of a place make a call. Waits until all that follows from it is done, or the process freezes. */
  async act<T>(place: number, call: (house: House) => Promise<T>, mood: Mood, stop?: Stop): Promise<Answer<T>> {
    const running = this.at(place);
    const { frost, house } = running;
    this.mood = mood;
    this.#stop = stop;
    frost.freezeAfter(isAfter(stop));
    const told = answerOf(call(house));
    running.doing = told;
    const answer = await Promise.race([told.then((made) => this.#quiet(running).then(() => made)), frost.reached]);
    frost.freezeAfter(undefined);
    this.#stop = undefined;
    if (answer) return answer;
    this.frozen.set(running.number, running);
    this.places[place % this.places.length] = this.#start();
    return { told: 'frozen' };
  }

  /** Lets a frozen process go on until it has nothing left to do, then ends it. */
  async thaw(number: number, mood: Mood): Promise<void> {
    const running = this.frozen.get(number);
    if (!running) throw new Error(`process ${number} is not frozen`);
    this.mood = mood;
    this.frozen.delete(number);
    running.frost.thaw();
    await running.doing;
    await this.#quiet(running);
    await running.house.store.close();
  }

  /** Ends the process of a place in good order, and starts another in its place. */
  async restart(place: number, between: () => void = () => undefined): Promise<void> {
    await this.at(place).house.store.close();
    between();
    this.places[place % this.places.length] = this.#start();
  }

  /** Renews the leases of the running processes: a process that holds something is no dead one, however slow the machine. */
  async renew(): Promise<void> {
    for (const { house } of this.places) await house.store.renew();
  }

  outbox(): string[] {
    const folder = path.join(this.home, 'outbox');
    return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  }

  removeSnapshots(): void {
    const state = path.join(this.home, 'state');
    for (const name of fs.readdirSync(state, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.json') && !name.startsWith('reviews')) fs.rmSync(path.join(state, name));
  }

  /** Closes the running processes, kills the frozen ones, and removes the home. */
  async leave(): Promise<void> {
    this.turnstile = () => undefined;
    try {
      await this.#close();
    } finally {
      fs.rmSync(this.home, { recursive: true, force: true });
    }
  }

  async #close(): Promise<void> {
    for (const running of this.frozen.values()) {
      running.house.end();
      running.frost.kill();
      await this.#quiet(running);
      await running.house.store.close();
    }
    this.frozen.clear();
    for (const { house } of this.places.splice(0)) await house.store.close();
    await this.sink.close();
  }

  #start(): Running {
    const number = this.#count++;
    const silent = testDeps(this.home);
    const deps: Deps = {
      ...silent,
      now: () => new Date(this.clock),
      newId: createIds(() => new Date()),
      env: { COUNTERSIGN_ALLOW_HOSTS: this.sink.host, ...(trustsClients(number) ? TRUSTING : {}) },
      fetch: (input, init) => this.#fetch(frost, input, init),
    };
    const frost = new Frost(aStore(this.home, deps), this.home, (what) => this.turnstile(`${number} ${what}`));
    return { number, frost, house: createHouse(frost.store, deps), doing: Promise.resolve() };
  }

  /** A request of a process. Where the test stops at `sent`, the process freezes once the receiver has answered. */
  async #fetch(frost: Frost, ...request: Parameters<typeof fetch>): Promise<Response> {
    await this.turnstile('a receiver is called');
    await frost.pass();
    try {
      return await fetch(...request);
    } finally {
      await this.turnstile('a receiver answers');
      if (this.#stop === 'sent') frost.freeze();
      await frost.pass();
    }
  }

  /** Waits until no running process has anything left to do. */
  async calm(): Promise<void> {
    for (let asked = -1, now = 0; asked !== now; now = this.places.reduce((sum, { frost }) => sum + frost.asked, 0)) {
      asked = now;
      for (const running of this.places) await this.#quiet(running);
    }
  }

  /** Waits until a process has nothing under way, and no longer asks its store for anything. */
  async #quiet({ house, frost }: Running): Promise<void> {
    for (let idle = 0, asked = frost.asked; idle < 5; idle++) {
      const doing = [...house.attempts.values(), ...[...house.runs.values()].map((run) => run.done), house.executing];
      await Promise.all(doing);
      await turn();
      if (frost.asked !== asked) idle = 0;
      asked = frost.asked;
    }
  }
}

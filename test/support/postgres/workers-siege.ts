import pg from 'pg';
import { Chance } from '../chance.ts';
import type { ModelServer } from '../model-server.ts';
import { type Connection, startServer } from '../server.ts';
import type { Sink } from '../sink.ts';
import { TRUSTING } from '../trusting.ts';
import { fillDisk, makeRoom } from './full-disk.ts';
import type { PostgresServer } from './server.ts';
import { startWorker, type Worker } from './workers.ts';

export type WorkersFigures = {
  rounds: number;
  kills: number;
  restarts: number;
  /** How often the database's disk was full for a moment. */
  full: number;
  runs: number;
  evaluated: number;
  executed: number;
  unknown: number;
  effects: number;
  /** After each restart of the database but the last, ms until the next effect or evaluation. */
  went_on_ms: number[];
  /** Actions that reached the receiver more than once. */
  twice: string[];
  /** Actions with the status executed that never reached it. */
  untrue: string[];
  /** Runs or contacts that a client was told of, and that are not there, or not done, in the end. */
  lost: string[];
  /** Actions that are neither executed nor unknown in the end. */
  unsettled: string[];
  /** Workers that ended by themselves. */
  ended: string[];
};

const WORKERS = 4;
const AGENTS = 3;
const CONTACTS = 20;
const RESTART_EVERY = 10;
const FULL_EVERY = 2;
const SETTLED_WITHIN_MS = 120_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the model says of everybody: that a webhook should go. */
export const POSTING = JSON.stringify({
  reasoning: 'All of them.',
  proposed_actions: [{ type: 'webhook', params: { payload: { text: 'hello' } } }],
});

type Place = { home: string; database: PostgresServer; url: string; model: ModelServer; sink: Sink };

/** Four workers that evaluate and execute, of which one or two are killed in each round, on a database that is restarted at once. */
export class WorkersSiege {
  readonly figures: WorkersFigures = {
    ...{ rounds: 0, kills: 0, restarts: 0, full: 0, runs: 0, evaluated: 0, executed: 0, unknown: 0, effects: 0 },
    ...{ went_on_ms: [], twice: [], untrue: [], lost: [], unsettled: [], ended: [] },
  };
  readonly #place: Place;
  readonly #chance: Chance;
  readonly #workers = new Set<Worker>();
  readonly #runs: string[] = [];
  readonly #agents: string[] = [];

  constructor(place: Place, seed: number) {
    this.#place = place;
    this.#chance = new Chance(seed);
  }

  async run(rounds: number): Promise<WorkersFigures> {
    const { home } = this.#place;
    const client = await startServer({ home, env: this.#env() });
    try {
      await this.#author(client);
      for (let round = 1; round <= rounds; round++) {
        await Promise.all(Array.from({ length: WORKERS - this.#workers.size }, () => this.#start()));
        await this.#round(client, round);
        const isLast = round === rounds;
        if (round % RESTART_EVERY === 0 || isLast) await this.#restart(client, isLast ? undefined : round + 1);
      }
      await this.#judge(client);
    } finally {
      for (const worker of [...this.#workers]) await this.#kill(worker);
      await client.close();
    }
    return this.figures;
  }

  #env(): Record<string, string> {
    const { url, sink, model } = this.#place;
    return {
      ...TRUSTING,
      COUNTERSIGN_DATABASE_URL: url,
      COUNTERSIGN_ALLOW_HOSTS: `${sink.host},${model.host}`,
      COUNTERSIGN_LOG: 'silent',
    };
  }

  async #start(): Promise<void> {
    const worker = await startWorker(this.#place.home, this.#env());
    this.#workers.add(worker);
    void worker.end.then(({ code, told }) => {
      if (this.#workers.delete(worker)) this.figures.ended.push(`${worker.id} ${code} ${told}`);
    });
  }

  async #author(client: Connection): Promise<void> {
    const { model, sink } = this.#place;
    for (let n = 0; n <= AGENTS; n++) {
      const { agent } = await client.call('create_agent', {
        name: `Poster ${n}`,
        capabilities: ['webhook'],
        playbook: { playbook_md: 'Post all of them.' },
        llm_config: { provider: 'openai_compatible', model: 'm-1', base_url: model.url, concurrency: 8 },
        connections: { webhook_url: sink.url('/hook') },
        approval: { require_approval: false },
      });
      if (!agent.approval.unasked.granted) throw new Error('the agent may not act unasked');
      this.#agents.push(agent.id);
    }
  }

  /** Begins the run of a round, which all processes share and execute. */
  async #begin(client: Connection, round: number): Promise<void> {
    if (this.#runs.length >= round) return;
    const ids = Array.from({ length: CONTACTS }, (_, n) => `r${round}-${n}`);
    await client.call('import_contacts', { contacts: ids.map((id) => ({ id })) });
    // The last agent's runs begin behind restarts alone: no other one of its runs, of which a killed worker has a part, keeps them waiting.
    const agent_id = this.#agents[round % RESTART_EVERY === 1 ? AGENTS : round % AGENTS];
    const { run_id } = await client.call('trigger_agent', { agent_id, contact_ids: ids, wait_seconds: 0 });
    this.#runs.push(run_id);
  }

  /** One run, while one or two of the workers are killed. */
  async #round(client: Connection, round: number): Promise<void> {
    await this.#begin(client, round);
    await pause(this.#chance.below(1_500));
    if (round % FULL_EVERY === 0) await this.#haveNoRoom();
    for (const worker of this.#chance.some([...this.#workers], 1 + this.#chance.below(2))) await this.#kill(worker);
    this.figures.rounds += 1;
  }

  /** For a moment nobody can write what they evaluated and did. */
  async #haveNoRoom(): Promise<void> {
    const { url } = this.#place;
    const schema = new URL(url).searchParams.get('schema');
    const owner = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
    await owner.connect();
    await fillDisk(owner);
    await pause(this.#chance.below(1_000));
    await makeRoom(owner);
    await owner.end();
    this.figures.full += 1;
  }

  async #kill(worker: Worker): Promise<void> {
    this.#workers.delete(worker);
    worker.child.kill('SIGKILL');
    await worker.end;
    this.figures.kills += 1;
  }

  /**
   * Restarts the database, and has the client begin the next run at once: what is left of earlier ones may be in the hands of workers that were
   * killed, and then waits until these are taken for dead.
   */
  async #restart(client: Connection, next: number | undefined): Promise<void> {
    const { database, sink, model } = this.#place;
    await database.end('immediate');
    await database.start();
    this.figures.restarts += 1;
    if (next === undefined) return;
    const began = performance.now();
    const count = () => sink.requests.length + model.asked.length;
    const before = count();
    await this.#begin(client, next);
    while (count() === before && performance.now() - began < SETTLED_WITHIN_MS / 2) await pause(20);
    this.figures.went_on_ms.push(Math.round(performance.now() - began));
  }

  async #judge(client: Connection): Promise<void> {
    const actions = await this.#settled(client);
    const reached = new Map<string, number>();
    for (const { body } of this.#place.sink.requests) {
      const id = JSON.parse(body).contact_id;
      reached.set(id, (reached.get(id) ?? 0) + 1);
    }
    const { figures } = this;
    figures.effects = this.#place.sink.requests.length;
    figures.runs = this.#runs.length;
    figures.twice = [...reached].filter(([, times]) => times > 1).map(([id]) => id);
    for (let round = 1; round <= figures.rounds; round++)
      for (let n = 0; n < CONTACTS; n++) if (!actions.has(`r${round}-${n}`)) figures.lost.push(`r${round}-${n}`);
    figures.evaluated = actions.size;
    for (const [id, status] of actions) {
      if (status === 'executed') figures.executed += 1;
      else if (status === 'unknown') figures.unknown += 1;
      else figures.unsettled.push(`${id} ${status}`);
      if (status === 'executed' && !reached.has(id)) figures.untrue.push(id);
    }
  }

  /** The status of each contact's action, once all runs are over and no action is approved or under way. */
  async #settled(client: Connection): Promise<Map<string, string>> {
    const until = Date.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const statuses = new Map<string, string>();
      let isOver = true;
      for (const run_id of this.#runs) {
        const { run } = await client.call('get_run', { run_id, limit: CONTACTS });
        isOver &&= run.status === 'completed';
        for (const { contact_id, proposed_actions } of run.contact_results)
          for (const { status } of proposed_actions) statuses.set(contact_id, status);
      }
      const isBusy = [...statuses.values()].some((status) => status === 'approved' || status === 'executing');
      if ((isOver && !isBusy) || Date.now() > until) return statuses;
      await pause(500);
    }
  }
}

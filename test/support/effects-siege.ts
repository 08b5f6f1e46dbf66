import type { Action } from '../../src/domain/runs/run.ts';
import { Chance } from './chance.ts';
import { dateLeasesBack } from './lapse.ts';
import type { MailSink } from './mail-sink.ts';
import { type Connection, startServer } from './server.ts';
import type { Sink } from './sink.ts';
import { TRUSTING } from './trusting.ts';

export type EffectFigures = {
  processes: number;
  kills: number;
  freezes: number;
  approved: number;
  executed: number;
  unknown: number;
  webhooks: number;
  mails: number;
  /** Actions that reached a sink more than once. */
  twice: string[];
  /** Actions with the status executed that never reached a sink. */
  untrue: string[];
  /** Actions that reached a sink without being executed or unknown. */
  unasked: string[];
  /** Actions that a client was told are executed, and that have another status in the end. */
  lost: string[];
  /** Approved actions that are neither executed nor unknown in the end. */
  unsettled: string[];
};

const AT_ONCE = 3;
/** A siege in which less has happened shows nothing; on a busy machine it takes longer. */
const LEAST_KILLS = 3;
const LEAST_MESSAGES = 20;
const CONTACTS = 10;
/** Of the contacts of a run, so many are decided one by one, by several processes at once. */
const SINGLY = 3;
const LEASE_MS = 15_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nameOf = (contactId: string, type: string) => `${contactId} ${type}`;
const RULES = [
  {
    name: 'all',
    propose: [
      { type: 'webhook', params: { payload: { id: '{{ contact.id }}' } } },
      { type: 'email_message', params: { subject: '{{ contact.id }}', message: 'm' } },
    ],
  },
];

/** Runs real processes that execute approved actions, and kills and freezes them meanwhile. The sinks count effects. */
export class EffectsSiege {
  readonly figures: EffectFigures = {
    ...{ processes: 0, kills: 0, freezes: 0, approved: 0, executed: 0, unknown: 0, webhooks: 0, mails: 0 },
    ...{ twice: [], untrue: [], unasked: [], lost: [], unsettled: [] },
  };
  readonly #home: string;
  readonly #chance: Chance;
  readonly #sink: Sink;
  readonly #mail: MailSink;
  readonly #living = new Set<Connection>();
  readonly #thawing: Promise<void>[] = [];
  readonly #runs: string[] = [];
  /** The actions that clients were told are executed. */
  readonly #told = new Set<string>();
  #agentId = '';

  constructor(home: string, seed: number, sink: Sink, mail: MailSink) {
    this.#home = home;
    this.#chance = new Chance(seed);
    this.#sink = sink;
    this.#mail = mail;
  }

  async run(seconds: number): Promise<EffectFigures> {
    const until = Date.now() + seconds * 1_000;
    await this.#author();
    const messages = () => this.#sink.requests.length + this.#mail.mails.length;
    while (Date.now() < until || this.figures.kills < LEAST_KILLS || messages() < LEAST_MESSAGES) {
      await Promise.all(Array.from({ length: AT_ONCE - this.#living.size }, () => this.#start()));
      await this.#round(seconds);
    }
    for (const process of this.#living) await this.#kill(process);
    await Promise.all(this.#thawing);
    await this.#judge();
    return this.figures;
  }

  async #start(): Promise<Connection> {
    const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: this.#sink.host, COUNTERSIGN_SMTP: this.#mail.url('smtp') };
    const connection = await startServer({ home: this.#home, env });
    this.figures.processes += 1;
    this.#living.add(connection);
    return connection;
  }

  async #author(): Promise<void> {
    const server = await this.#start();
    const sender = {
      name: 'Sam',
      email: 'sam@acme.example',
      smtp_url_env: 'COUNTERSIGN_SMTP',
      gap_seconds: 0,
      max_per_day: 100_000,
    };
    const { identity } = await server.call('save_identity', sender);
    const { agent } = await server.call('create_agent', {
      name: 'Poster',
      capabilities: ['webhook', 'email'],
      identity_id: identity.id,
      playbook: { rules: RULES },
      connections: { webhook_url: this.#sink.url('/hook') },
    });
    this.#agentId = agent.id;
  }

  /** One run, approved by all processes at once while one of them is killed. */
  async #round(seconds: number): Promise<void> {
    const chance = this.#chance;
    const [first, ...others] = chance.some([...this.#living], AT_ONCE);
    if (!first) return;
    const ids = Array.from({ length: CONTACTS }, (_, i) => `c${this.#runs.length}-${i}`);
    const contacts = ids.map((id) => ({ id, email: `${id}@example.com` }));
    await first.call('import_contacts', { contacts });
    const { run_id } = await first.call('trigger_agent', { agent_id: this.#agentId, contact_ids: ids });
    this.#runs.push(run_id);
    const single = others.flatMap((other) => ids.slice(-SINGLY).map((id) => this.#approve(other, run_id, id)));
    const bulk = this.#approveAll(first, run_id);
    await pause(chance.below(250));
    const struck = chance.oneOf([...this.#living]);
    if (struck && seconds > 60 && chance.below(4) === 0) {
      this.#thawing.push(this.#freeze(struck));
      return;
    }
    if (struck) await this.#kill(struck);
    await Promise.all([bulk, ...single]);
  }

  async #approveAll(server: Connection, run_id: string): Promise<void> {
    try {
      const limit = 2 * (CONTACTS - SINGLY);
      const { review_token } = await server.call('list_pending_actions', { run_id, detail: 'brief', limit });
      await server.call('review_actions', { decision: 'approve', review_token });
    } catch {
      // The process was killed.
    }
  }

  async #approve(server: Connection, run_id: string, contact_id: string): Promise<void> {
    const action_index = this.#chance.below(2);
    try {
      const { action } = await server.call('approve_action', await server.shown({ run_id, contact_id, action_index }));
      if (action.status === 'executed') this.#told.add(nameOf(contact_id, action.type));
    } catch {
      // The process was killed, or another process decided first.
    }
  }

  async #kill(server: Connection): Promise<void> {
    this.#living.delete(server);
    if (server.pid !== undefined) process.kill(server.pid, 'SIGKILL');
    this.figures.kills += 1;
    await server.close();
  }

  /** Freezes a process for longer than its lease, so that others take it for dead, and then lets it go on. */
  async #freeze(server: Connection): Promise<void> {
    const { pid } = server;
    if (pid === undefined) return;
    this.#living.delete(server);
    this.figures.freezes += 1;
    process.kill(pid, 'SIGSTOP');
    await pause(LEASE_MS + 8_000);
    process.kill(pid, 'SIGCONT');
    await pause(2_000);
    await this.#kill(server);
  }

  async #judge(): Promise<void> {
    // Nobody has to wait until the leases of dead processes run out.
    await dateLeasesBack(this.#home, (2 * LEASE_MS) / 1_000);
    const server = await this.#start();
    const actions = await this.#settled(server);
    const reached = new Map<string, number>();
    const count = (name: string) => reached.set(name, (reached.get(name) ?? 0) + 1);
    for (const { body } of this.#sink.requests) count(nameOf(JSON.parse(body).contact_id, 'webhook'));
    for (const { to } of this.#mail.mails) count(nameOf(to.join().replace('@example.com', ''), 'email_message'));
    this.figures.webhooks = this.#sink.requests.length;
    this.figures.mails = this.#mail.mails.length;
    for (const [name, times] of reached) {
      if (times > 1) this.figures.twice.push(name);
      if (!['executed', 'unknown'].includes(actions.get(name) ?? '')) this.figures.unasked.push(name);
    }
    for (const [name, status] of actions) {
      if (status === 'executed') this.figures.executed += 1;
      if (status === 'unknown') this.figures.unknown += 1;
      if (status === 'executed' && !reached.has(name)) this.figures.untrue.push(name);
      if (!['executed', 'unknown', 'pending_approval'].includes(status))
        this.figures.unsettled.push(`${name} ${status}`);
    }
    this.figures.approved = [...actions.values()].filter((status) => status !== 'pending_approval').length;
    this.figures.lost = [...this.#told].filter((name) => actions.get(name) !== 'executed');
    await server.close();
  }

  /** The status of every action, once none is approved or executing. */
  async #settled(server: Connection): Promise<Map<string, string>> {
    const until = Date.now() + 60_000;
    for (;;) {
      const statuses = new Map<string, string>();
      for (const run_id of this.#runs)
        for (const [name, status] of await this.#statusesOf(server, run_id)) statuses.set(name, status);
      const isBusy = [...statuses.values()].some((status) => status === 'approved' || status === 'executing');
      if (!isBusy || Date.now() > until) return statuses;
      await pause(200);
    }
  }

  async #statusesOf(server: Connection, run_id: string): Promise<[string, string][]> {
    const { run } = await server.call('get_run', { run_id, limit: CONTACTS });
    return run.contact_results.flatMap((result: { contact_id: string; proposed_actions: Action[] }) =>
      result.proposed_actions.map(({ type, status }) => [nameOf(result.contact_id, type), status]),
    );
  }
}

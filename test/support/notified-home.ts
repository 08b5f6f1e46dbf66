import { Webhook } from 'standardwebhooks';
import { onTestFinished, vi } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { recoverAttempts } from '../../src/engine/execution/recover-attempts.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { recallNotices } from '../../src/engine/upkeep/notice-seat.ts';
import { createNotifier, type Notifier } from '../../src/engine/upkeep/notices.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aSink, type Received, type Sink } from './sink.ts';
import { aStore } from './store.ts';
import { writeConfig } from './tool-server.ts';

export const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
export const MINUTE = 60_000;
export const DEAD = 'proc_0000000000dead';
export const EMAIL = {
  type: 'email_message',
  params: { subject: 'Zqsubjectz {{ contact.firstname }}', message: 'Zqbodyz' },
};
export const NOTE = { type: 'note', params: { body: 'Zqnotez' } };

// What is posted is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;

export type Process = { house: House; notifier: Notifier };

/** A home with a clock of its own, whose processes a test starts, has look, and ends. */
export class NotifiedHome {
  readonly home = aHome();
  readonly sink: Sink;
  clock = Date.parse('2026-03-02T09:30:00Z');
  #people = 0;

  constructor(sink: Sink, notify: object = {}) {
    this.sink = sink;
    this.configure(notify);
  }

  configure(notify: object): void {
    const url = this.sink.url('/hook');
    writeConfig(this.home, { notify: { url, secret_env: 'COUNTERSIGN_NOTIFY_SECRET', ...notify } });
  }

  start(overrides: Partial<Deps> = {}, isReadOnly = false): Process {
    const now = () => new Date(this.clock);
    const env = { COUNTERSIGN_NOTIFY_SECRET: SECRET, COUNTERSIGN_ALLOW_HOSTS: this.sink.host };
    const fetch = createGuardedFetch({ allowedHosts: [this.sink.host] });
    const deps: Deps = { ...testDeps(this.home), now, newId: createIds(now), env, fetch, ...overrides };
    const house = createHouse(aStore(this.home, deps), deps, isReadOnly);
    onTestFinished(() => closeHouse(house));
    return { house, notifier: createNotifier(house) };
  }

  /** Has processes look at the same time, as often as it takes them to say who of them tells, and to tell. */
  async look(...processes: Process[]): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.clock += 1_000;
      await Promise.all(processes.map(({ notifier }) => notifier.look()));
    }
  }

  async agent({ house }: Process, name: string, ...propose: (typeof NOTE | typeof EMAIL)[]): Promise<string> {
    const playbook = { rules: [{ name: 'all', propose }] };
    const { agent } = await createAgent(house, 'test', { name, capabilities: ['email', 'notes'], playbook });
    return String(agent.id);
  }

  /** Has an agent propose for so many new contacts, and gives the run. */
  async propose({ house }: Process, agent_id: string, count = 1): Promise<string> {
    const contacts = Array.from({ length: count }, () => {
      const id = `zqwho${++this.#people}`;
      return { id, email: `${id}@zqmailz.example`, firstname: 'Zqnamez' };
    });
    await importContacts(house, 'test', { contacts });
    for (let at = 0; at < count; at += 25) {
      const contact_ids = contacts.slice(at, at + 25).map(({ id }) => id);
      const run = await trigger(house, 'test', { agent_id, contact_ids }, undefined);
      await waitForRun(house, run.id, 30);
    }
    return contacts[0]?.id ?? '';
  }
}

/** What a post says, verified by the reference library as of the moment at which it was signed. */
export function verified({ body, headers }: Received): Facts {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Number(plain['webhook-timestamp']) * 1_000);
  try {
    return new Webhook(SECRET).verify(body, plain);
  } finally {
    clock.mockRestore();
  }
}

/** Everything that arrived, verified. */
export const told = ({ sink }: NotifiedHome): Facts[] => sink.requests.map(verified);

/** A receiver that gives these statuses in turn, and then the last of them. */
export const answering = (...statuses: number[]) =>
  aSink((_request, response, count) => response.writeHead(statuses[count] ?? statuses.at(-1) ?? 200).end());

/** Which process tells, as all of them read it. */
export const seatOf = async ({ house }: Process) => (await recallNotices(house.store))?.holder;

/** Leaves an action as a process does that died over it, and has another one find that out. */
export async function leaveUnknown({ house }: Process, contact_id: string): Promise<void> {
  await house.commit('test', (view, { at }) => {
    const [item] = view.open({ contact_id });
    if (!item) throw new Error('nothing waits');
    const { run_id, action_index, agent_id } = item;
    const change = { run_id, contact_id, action_index, agent_id, auto_approved: false, at };
    const set = { decided_by: 'test', decided_at: at, decided_via: 'client' as const };
    const changes = [
      { ...change, from: 'pending_approval' as const, to: 'approved' as const, set },
      { ...change, from: 'approved' as const, to: 'executing' as const, set: { attempted_at: at, holder: DEAD } },
    ];
    return { events: [{ type: 'actions_changed', changes }], value: undefined };
  });
  await recoverAttempts(house);
}

/** Everything of a person and of an action, which no notice may tell. */
export const SECRETS = /zq(subject|body|note|who|mail|name)/i;

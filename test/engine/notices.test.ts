import fs from 'node:fs';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { recoverAttempts } from '../../src/engine/execution/recover-attempts.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { setBrake } from '../../src/engine/review/set-brake.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { recallNotices } from '../../src/engine/upkeep/notice-seat.ts';
import { noticesInWords } from '../../src/engine/upkeep/notice-state.ts';
import { createNotifier, type Notifier } from '../../src/engine/upkeep/notices.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aSink, type Received, type Sink } from '../support/sink.ts';
import { aStore } from '../support/store.ts';
import { writeConfig } from '../support/tool-server.ts';

const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const MINUTE = 60_000;
const DEAD = 'proc_0000000000dead';
const EMAIL = {
  type: 'email_message',
  params: { subject: 'Zqsubjectz {{ contact.firstname }}', message: 'Zqbodyz' },
};
const NOTE = { type: 'note', params: { body: 'Zqnotez' } };

// What is posted is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;

type Process = { house: House; notifier: Notifier };

/** A home with a clock of its own, whose processes a test starts, has look, and ends. */
class NotifiedHome {
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
function verified({ body, headers }: Received): Facts {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Number(plain['webhook-timestamp']) * 1_000);
  try {
    return new Webhook(SECRET).verify(body, plain);
  } finally {
    clock.mockRestore();
  }
}

/** Everything that arrived, verified. */
const told = ({ sink }: NotifiedHome): Facts[] => sink.requests.map(verified);

/** A receiver that gives these statuses in turn, and then the last of them. */
const answering = (...statuses: number[]) =>
  aSink((_request, response, count) => response.writeHead(statuses[count] ?? statuses.at(-1) ?? 200).end());

/** Which process tells, as all of them read it. */
const seatOf = async ({ house }: Process) => (await recallNotices(house.store))?.holder;

/** Leaves an action as a process does that died over it, and has another one find that out. */
async function leaveUnknown({ house }: Process, contact_id: string): Promise<void> {
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
const SECRETS = /zq(subject|body|note|who|mail|name)/i;

describe('a notice of what waits', () => {
  it('comes at once and once, is signed, says how many of what, and tells nothing of what they say', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start({ servedAt: () => 'http://localhost:7878/' });
    const agent_id = await home.agent(one, 'Pricing follow-up', EMAIL, NOTE);
    await home.look(one);
    expect(home.sink.requests).toEqual([]);
    await home.propose(one, agent_id, 2);
    await home.look(one);
    await home.look(one);
    expect(told(home)).toEqual([
      {
        type: 'action.pending',
        timestamp: expect.stringMatching(/^2026-03-02T09:3/),
        data: {
          ...{ waiting: 4, unknown: 0, changes: 0, brake: { on: false } },
          groups: [
            { agent_id, agent_name: 'Pricing follow-up', type: 'email_message', count: 2 },
            { agent_id, agent_name: 'Pricing follow-up', type: 'note', count: 2 },
          ],
          text: '4 wait: 2 emails of Pricing follow-up, 2 notes.',
          url: 'http://localhost:7878/',
        },
      },
    ]);
    expect(JSON.stringify(home.sink.requests)).not.toMatch(SECRETS);
    expect(JSON.stringify(home.sink.requests)).not.toContain(SECRET);
    expect(home.sink.requests[0]?.path).toBe('/hook');
  });

  it('tells a flood of 200 in one digest, some minutes after the first', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    const [emails, notes] = [await home.agent(one, 'Mailer', EMAIL), await home.agent(one, 'Noter', NOTE)];
    await home.propose(one, notes);
    await home.look(one);
    expect(told(home).map(({ data }) => data.waiting)).toEqual([1]);
    await home.propose(one, emails, 120);
    await home.look(one);
    await home.propose(one, notes, 80);
    home.clock += MINUTE;
    await home.look(one);
    expect(home.sink.requests).toHaveLength(1);
    home.clock += 3 * MINUTE;
    for (let look = 0; look < 5; look++) await home.look(one);
    expect(told(home).map(({ data }) => [data.waiting, data.text])).toEqual([
      [1, '1 waits: 1 note of Noter.'],
      [201, '201 wait: 120 emails of Mailer, 81 notes of Noter.'],
    ]);
  });

  it('says nothing of what was decided before its time came', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    const agent_id = await home.agent(one, 'Noter', NOTE);
    await home.propose(one, agent_id);
    await home.look(one);
    const contact_id = await home.propose(one, agent_id);
    await home.look(one);
    const [row] = await one.house.read((view) => view.open({ contact_id }));
    if (!row) throw new Error('nothing waits');
    await reject(one.house, 'maya', row);
    home.clock += 10 * MINUTE;
    await home.look(one);
    expect(home.sink.requests).toHaveLength(1);
  });

  it('is sent by one of several processes that look at once, by another one after that ended, and never twice', async () => {
    const home = new NotifiedHome(await aSink());
    const processes = [home.start(), home.start(), home.start()];
    const [one] = processes;
    if (!one) throw new Error('no process');
    const agent_id = await home.agent(one, 'Noter', NOTE);
    await home.propose(one, agent_id);
    for (let look = 0; look < 4; look++) await home.look(...processes);
    expect(home.sink.requests).toHaveLength(1);
    const tellers = await Promise.all(processes.map(async (each) => [each, await seatOf(each)] as const));
    const holder = tellers[0]?.[1];
    const left = processes.filter(({ house }) => house.store.holder !== holder);
    expect(left).toHaveLength(2);
    await Promise.all(processes.filter((each) => !left.includes(each)).map(({ house }) => closeHouse(house)));
    home.clock += 4 * MINUTE;
    for (let look = 0; look < 3; look++) await home.look(...left);
    expect(home.sink.requests).toHaveLength(1);
    await home.propose(left[0] ?? one, agent_id);
    for (let look = 0; look < 3; look++) await home.look(...left);
    expect(told(home).map(({ data }) => data.waiting)).toEqual([1, 2]);
  });

  it('is not repeated after a restart of everything', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    const agent_id = await home.agent(one, 'Noter', NOTE);
    await home.propose(one, agent_id);
    await home.look(one);
    await closeHouse(one.house);
    home.clock += 60 * MINUTE;
    const again = home.start();
    await home.look(again);
    await home.look(again);
    expect(home.sink.requests).toHaveLength(1);
    await home.propose(again, agent_id);
    await home.look(again);
    expect(told(home).map(({ data }) => data.waiting)).toEqual([1, 2]);
  });

  it('is tried again with longer and longer pauses while its receiver fails, blocks nothing, and the doctor says it', async () => {
    const home = new NotifiedHome(await answering(503, 500, 404, 200));
    const one = home.start();
    const agent_id = await home.agent(one, 'Noter', NOTE);
    await home.propose(one, agent_id);
    await home.look(one);
    await home.look(one);
    expect(home.sink.requests).toHaveLength(1);
    const { warnings } = await noticesInWords(one.house.store, one.house.deps);
    expect(warnings).toEqual([
      expect.stringMatching(`could not be sent at .*${home.sink.host} answered 503.*tried again`),
    ]);
    expect(JSON.stringify(warnings)).not.toContain('/hook');
    const tries: number[] = [];
    for (let seconds = 0; seconds < 400; seconds += 5) {
      home.clock += 2_000;
      await home.look(one);
      tries.push(home.sink.requests.length);
    }
    expect(tries.at(-1)).toBe(4);
    const pauses = [2, 3, 4].map((count) => tries.indexOf(count));
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(new Set(home.sink.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await noticesInWords(one.house.store, one.house.deps)).warnings).toEqual([]);
  });

  it('is sent again, as the same one, after its process died over it', async () => {
    const home = new NotifiedHome(await aSink());
    const arrived: string[] = [];
    const dying = home.start({
      fetch: (_url, init) => {
        arrived.push(String(new Headers(init?.headers).get('webhook-id')));
        return new Promise(() => undefined);
      },
    });
    const agent_id = await home.agent(dying, 'Noter', NOTE);
    await home.propose(dying, agent_id);
    await dying.notifier.look();
    void dying.notifier.look();
    await expect.poll(() => arrived).toHaveLength(1);
    await dying.house.store.close();
    const other = home.start();
    await home.look(other);
    expect(home.sink.requests).toEqual([]);
    home.clock += MINUTE;
    for (let look = 0; look < 4; look++) await home.look(other);
    expect(home.sink.requests.map(({ headers }) => headers['webhook-id'])).toEqual(arrived);
  });

  it('tells that the brake is on, and of outcomes that nobody knows', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    const contact_id = await home.propose(one, await home.agent(one, 'Mailer', EMAIL));
    await leaveUnknown(one, contact_id);
    await setBrake(one.house, 'maya', { on: true, reason: 'Zqnotez', via: 'client' });
    await home.look(one);
    await home.look(one);
    expect(told(home).map(({ data }) => data)).toEqual([
      {
        ...{ waiting: 0, unknown: 1, changes: 0, groups: [] },
        brake: { on: true, since: expect.stringMatching(/^2026-03-02T09:3/) },
        text: expect.stringMatching(/^1 outcome is unknown: find out.* The brake is on since .*: nothing goes out/),
      },
    ]);
    expect(JSON.stringify(home.sink.requests)).not.toMatch(SECRETS);
  });

  it('leaves out of a text what could be taken for its own lines', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    const agent_id = await home.agent(one, 'Nice\u202e\nThe brake is off', NOTE);
    await home.propose(one, agent_id);
    await home.look(one);
    expect(told(home)[0]?.data.text).toBe('1 waits: 1 note of Nice⟨U+202E⟩ The brake is off.');
  });

  it('tells recipients and subjects only where the person wants details, and never the text', async () => {
    const home = new NotifiedHome(await aSink(), { details: true });
    const one = home.start();
    await home.propose(one, await home.agent(one, 'Mailer', EMAIL));
    await home.look(one);
    const [{ data }] = told(home);
    expect(data.actions).toEqual([
      { agent_name: 'Mailer', type: 'email_message', to: 'zqwho1@zqmailz.example', subject: 'Zqsubjectz Zqnamez' },
    ]);
    expect(data.text).toBe('1 waits: 1 email of Mailer.\n- zqwho1@zqmailz.example: Zqsubjectz Zqnamez');
    expect(JSON.stringify(home.sink.requests)).not.toMatch(/zqbody/i);
  });

  it('comes to ntfy as a title, a text and a link, with its access token and no other secret', async () => {
    const home = new NotifiedHome(await aSink(), { format: 'ntfy' });
    const servedAt = () => 'http://localhost:7878/';
    const one = home.start({ servedAt });
    await home.propose(one, await home.agent(one, 'Mailer für Köln', EMAIL));
    await home.look(one);
    const [signed] = home.sink.requests;
    expect(signed?.body).toBe('1 waits: 1 email of Mailer für Köln.');
    expect(signed?.headers).toMatchObject({
      ...{ title: 'Countersign: 1 waits', click: 'http://localhost:7878/' },
      ...{ 'content-type': 'text/plain; charset=utf-8', 'webhook-signature': expect.stringMatching(/^v1,/) },
    });
    expect(signed?.headers).not.toHaveProperty('authorization');
    await closeHouse(one.house);
    const env = { COUNTERSIGN_NOTIFY_SECRET: 'tk_abcdef123', COUNTERSIGN_ALLOW_HOSTS: home.sink.host };
    const two = home.start({ env });
    await home.propose(two, await home.agent(two, 'Other', EMAIL));
    home.clock += 4 * MINUTE;
    await home.look(two);
    expect(home.sink.requests[1]?.headers).toMatchObject({ authorization: 'Bearer tk_abcdef123' });
    expect(home.sink.requests[1]?.headers).not.toHaveProperty('webhook-signature');
  });

  it.each([
    ['a host of this machine that nobody allowed', { COUNTERSIGN_NOTIFY_SECRET: SECRET }, 'COUNTERSIGN_ALLOW_HOSTS'],
    ['a secret that this process lacks', {}, "COUNTERSIGN_NOTIFY_SECRET, which isn't set"],
    ['a secret that is none', { COUNTERSIGN_NOTIFY_SECRET: 'hunter2 of mine' }, "isn't a signing secret"],
  ])('goes nowhere with %s; the doctor says so, and another process that can tells', async (_what, given, said) => {
    const home = new NotifiedHome(await aSink());
    const env = {
      ...('COUNTERSIGN_NOTIFY_SECRET' in given && given.COUNTERSIGN_NOTIFY_SECRET === SECRET
        ? {}
        : { COUNTERSIGN_ALLOW_HOSTS: home.sink.host }),
      ...given,
    };
    const lacking = home.start({ env });
    await home.propose(lacking, await home.agent(lacking, 'Noter', NOTE));
    await home.look(lacking);
    await home.look(lacking);
    expect(home.sink.connections()).toBe(0);
    const { warnings } = await noticesInWords(lacking.house.store, lacking.house.deps);
    expect(warnings).toEqual([expect.stringContaining(said)]);
    expect(warnings.join()).not.toContain('hunter2');
    const able = home.start();
    await home.look(lacking, able);
    expect(home.sink.requests).toHaveLength(1);
  });

  it('is none of a process that reads alone, and of a home that wants none', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    await home.propose(one, await home.agent(one, 'Noter', NOTE));
    const reader = home.start({}, true);
    await home.look(reader);
    fs.rmSync(path.join(home.home, 'config.json'));
    await home.look(one);
    expect(home.sink.requests).toEqual([]);
  });

  it('is told anew to another place', async () => {
    const home = new NotifiedHome(await aSink());
    const one = home.start();
    await home.propose(one, await home.agent(one, 'Noter', NOTE));
    await home.look(one);
    home.configure({ url: home.sink.url('/elsewhere') });
    await home.look(one);
    await home.look(one);
    expect(home.sink.requests.map((request) => request.path)).toEqual(['/hook', '/elsewhere']);
  });
});

import { describe, expect, it } from 'vitest';
import { reject } from '../../src/engine/review/reject.ts';
import { noticesInWords } from '../../src/engine/upkeep/notice-state.ts';
import { closeHouse } from '../../src/process/house.ts';
import {
  answering,
  EMAIL,
  MINUTE,
  NOTE,
  NotifiedHome,
  SECRET,
  SECRETS,
  seatOf,
  told,
} from '../support/notified-home.ts';
import { aSink } from '../support/sink.ts';

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
});

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { setBrake } from '../../src/engine/review/set-brake.ts';
import { noticesInWords } from '../../src/engine/upkeep/notice-state.ts';
import { closeHouse } from '../../src/process/house.ts';
import { EMAIL, leaveUnknown, MINUTE, NOTE, NotifiedHome, SECRET, SECRETS, told } from '../support/notified-home.ts';
import { aSink } from '../support/sink.ts';

describe('what a notice says', () => {
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

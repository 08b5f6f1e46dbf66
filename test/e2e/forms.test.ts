import { describe, expect, it } from 'vitest';
import { SCREENS, words } from '../support/form-screens.ts';
import { accept, EMAIL, type Form, NOTE, textIn, waits, withPerson } from '../support/person.ts';
import type { Connection } from '../support/server.ts';
import { aSink } from '../support/sink.ts';

const LONG = 'A sentence that fills a line of a letter, as letters have them. '.repeat(30).trim();
const letter = (subject: string, message: string) => ({ type: 'email_message', params: { subject, message } });

/** Everybody that the client shows a form to reads all of this, and Enter alone does nothing. */
function expectWhole(form: Form | undefined, ...texts: string[]) {
  if (!form) throw new Error('no form was shown');
  const head = form.message.split('\n');
  expect(head.length).toBeLessThanOrEqual(3);
  expect(Math.max(...head.map((line) => line.length))).toBeLessThanOrEqual(110);
  expect(textIn(form).length).toBeLessThanOrEqual(8000);
  for (const { client, draw, enter } of SCREENS) {
    const screen = words(draw(form));
    for (const text of texts) expect(screen, client).toContain(words(text));
    expect(JSON.stringify(enter(form)), client).not.toContain('"approve"');
  }
}

/** The ids of contacts, each with an address. */
async function crowd(server: Connection, count: number) {
  const ids = Array.from({ length: count }, (_, index) => `c${index}`);
  await server.call('import_contacts', { contacts: ids.map((id) => ({ id, email: `${id}@example.com` })) });
  return ids;
}

async function tokenOf(server: Connection, run_id: string) {
  return (await server.call('list_pending_actions', { run_id, detail: 'brief', limit: 100 })).review_token;
}

describe('what a form shows is on the screen of each client', () => {
  it('for one action, as proposed and as edited', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'leave it waiting' }));
    const sam = { name: 'Sam Rivera', email: 'sam@acme.example', signature: 'Sam\nAcme Ltd' };
    const { identity } = await server.call('save_identity', sam);
    const { at } = await waits(server, letter('Hello Pat', LONG), { identity_id: identity.id });
    await server.refusal('approve_action', await server.shown(at));
    expectWhole(
      forms[0],
      'To: pat@example.com',
      'Subject: Hello Pat',
      LONG,
      'Sam Rivera <sam@acme.example>',
      'Acme Ltd',
    );
    await server.refusal(
      'approve_action',
      await server.shown({ ...at, params: { subject: 'Edited', message: `${LONG} Edited.` } }),
    );
    expectWhole(forms[1], 'To: pat@example.com', 'Subject: Edited', `${LONG} Edited.`, 'not what the agent proposed');
    await server.close();
  });

  it('for each row of a bulk decision', async () => {
    const { server, forms } = await withPerson('sdk-2-modern', () => accept({ decision: 'leave it waiting' }));
    const { run_id } = await waits(server, letter('Hello', LONG), {}, 'rules', ['p', 'q']);
    await server.refusal('review_actions', { decision: 'approve', review_token: await tokenOf(server, run_id) });
    expectWhole(forms[0], 'To: pat@example.com', 'To: quinn@example.com', 'Subject: Hello');
    expect(textIn(forms[0]).split(LONG)).toHaveLength(3);
    await server.close();
  });

  it('for a web address as it will be reached, and for an HTML version that says something else', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'leave it waiting' }));
    const settings = { capabilities: ['webhook'], connections: { webhook_url: 'https://exаmple.com/in/../hook' } };
    const hook = { type: 'webhook', params: { payload: { plan: 'pro' } } };
    await server.refusal('approve_action', await server.shown((await waits(server, hook, settings)).at));
    expectWhole(forms[0], 'To: https://xn--exmple-4nf.com/hook', '"plan": "pro"');
    const same = '<p>Hello there</p>';
    const params = (html: string) => ({ subject: 's', message: 'Hello there', html });
    const { at } = await waits(server, { type: 'email_message', params: params(same) });
    await server.refusal('approve_action', await server.shown(at));
    expectWhole(forms[1], 'HTML version: reads the same');
    for (const html of [
      '<p>Hello there, pay up</p>',
      '<p style="display:none">Hello there</p>',
      '<p>Hello there<img src="https://a.example/x.png"></p>',
    ]) {
      await server.refusal('approve_action', await server.shown({ ...at, params: params(html) }));
      expectWhole(forms.at(-1), html);
    }
    await server.close();
  });

  it('for the repetition of a failed attempt', async () => {
    const answers = ['approve', 'leave it waiting'];
    const sink = await aSink((_request, response) => response.writeHead(404).end());
    const env = { COUNTERSIGN_ALLOW_HOSTS: new URL(sink.url('/')).host };
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: answers[forms.length - 1] }), env);
    const settings = { capabilities: ['webhook'], connections: { webhook_url: sink.url('/hook') } };
    const { at } = await waits(server, { type: 'webhook', params: { payload: { plan: 'pro' } } }, settings);
    expect((await server.call('approve_action', await server.shown(at))).action.status).toBe('failed');
    expect(await server.refusal('settle_action', await server.shown({ ...at, outcome: 'retry' }))).toMatchObject({
      code: 'FORBIDDEN',
    });
    expectWhole(
      forms[1],
      'It failed. Repeat this',
      `To: ${sink.url('/hook')}`,
      '"plan": "pro"',
      'First attempt: it failed',
    );
    expect(sink.requests).toHaveLength(1);
    await server.close();
  });

  it('for an agent that acts unasked, for a change of where data goes, and for another sender', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'leave it waiting' }));
    const { identity } = await server.call('save_identity', { name: 'Sam', email: 'sam@example.com' });
    const acting = {
      name: 'Acts\nTo: alone',
      capabilities: ['email'],
      identity_id: identity.id,
      playbook: { rules: [{ name: 'all', propose: [EMAIL] }] },
      monitoring: { filter: { lifecycle_stage: 'lead' } },
      approval: { require_approval: false },
    };
    await server.call('create_agent', acting);
    expectWhole(forms[0], 'Acts ⏎ To: alone', 'email', '{"lifecycle_stage":"lead"}', 'Sam <sam@example.com>');
    const { run_id } = await waits(server, EMAIL, { identity_id: identity.id });
    const hook = { connections: { webhook_url: 'https://one.example/x' }, capabilities: ['webhook'] };
    const { agent } = await waits(server, { type: 'webhook', params: { payload: {} } }, hook);
    const moved = { connections: { webhook_url: 'https://bücher.example/x' } };
    await server.refusal('update_agent', { agent_id: agent.id, changes: moved });
    expectWhole(forms[1], agent.name, 'https://xn--bcher-kva.example/x', 'Until now: https://one.example/x');
    const eve = { name: 'Eve', email: 'eve@evil.example', signature: 'Eve of Evil', identity_id: identity.id };
    await server.refusal('save_identity', eve);
    expectWhole(forms[2], 'eve@evil.example', 'Eve of Evil', 'Until now: sam@example.com', 'Until now: Sam');
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    expect((await server.call('list_pending_actions')).changes_total).toBe(3);
    await server.close();
  });
});

describe('Enter alone', () => {
  it.each(SCREENS)('decides nothing in $client', async ({ enter }) => {
    const { server, forms } = await withPerson('sdk-2-modern', (form) => enter(form));
    const { at, run_id } = await waits(server, EMAIL);
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({ code: 'FORBIDDEN' });
    const bulk = { decision: 'approve', review_token: await tokenOf(server, run_id) };
    expect(await server.refusal('review_actions', bulk)).toMatchObject({ code: 'FORBIDDEN' });
    const loosen = {
      agent_id: (await server.call('list_agents')).agents[0].id,
      changes: { approval: { auto_approve: ['email_message'] } },
    };
    expect(await server.refusal('update_agent', loosen)).toMatchObject({ code: 'FORBIDDEN' });
    expect(forms).toHaveLength(3);
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    await server.close();
  });
});

describe('nothing that others wrote', () => {
  it('can stand as a line of the form’s own', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'leave it waiting' }));
    const contact = {
      id: 'm',
      email: 'm@example.com',
      firstname: 'Mallory\n▸ To: boss@example.com',
      company: 'A\r\nB',
    };
    await server.call('import_contacts', { contacts: [contact] });
    const body = 'Hi\n▸ approve: nothing happens.\n►To: boss@example.com';
    const { at } = await waits(server, { type: 'note', params: { body } }, { name: 'Agent\n▸ To: x' }, 'rules', ['m']);
    await server.refusal('approve_action', await server.shown(at));
    const text = textIn(forms[0]);
    const own = text.split('\n').filter((line) => line.includes('▸'));
    expect(own.map((line) => line.split(':')[0])).toEqual([
      '▸ Contact',
      '▸ Proposed by agent',
      '▸ body',
      '▸ approve',
      '▸ reject',
      '▸ leave it waiting',
    ]);
    expect(text).not.toContain('►');
    expect(forms[0]?.message.split('\n')).toHaveLength(3);
    await server.close();
  });
});

describe('a bulk decision that needs more than one form', () => {
  it.each(['sdk-1', 'sdk-2-modern'] as const)(
    'shows each row whole, once, and decides by each form, %s',
    async (era) => {
      const answers = ['approve', 'reject', 'approve'];
      const { server, forms } = await withPerson(era, () => accept({ decision: answers[forms.length - 1] }));
      const ids = await crowd(server, 8);
      const { run_id } = await waits(server, { ...NOTE, params: { body: LONG } }, {}, 'rules', ids);
      const result = await server.call('review_actions', {
        decision: 'approve',
        review_token: await tokenOf(server, run_id),
      });
      expect(result).toMatchObject({ decided: 8, skipped: [] });
      expect(forms).toHaveLength(3);
      for (const [index, form] of forms.entries())
        expectWhole(form, ...ids.slice(index * 3, index * 3 + 3).map((id) => `contact ${id}`), LONG);
      const { run } = await server.call('get_run', { run_id });
      const statuses = run.contact_results.map(
        (each: { proposed_actions: { status: string }[] }) => each.proposed_actions[0]?.status,
      );
      expect(statuses).toEqual([
        ...Array(3).fill('executed'),
        ...Array(3).fill('rejected'),
        ...Array(2).fill('executed'),
      ]);
      await server.close();
    },
  );

  it('stops after five, or at a form that is left, and gives a token for exactly the rest', async () => {
    let last = 5;
    const { server, forms } = await withPerson('sdk-2-modern', () =>
      accept({ decision: forms.length <= last ? 'approve' : 'leave it waiting' }),
    );
    const ids = await crowd(server, 19);
    const { run_id } = await waits(server, { ...NOTE, params: { body: LONG } }, {}, 'rules', ids);
    const first = await server.call('review_actions', {
      decision: 'approve',
      review_token: await tokenOf(server, run_id),
    });
    expect(forms).toHaveLength(5);
    expect(first).toMatchObject({ decided: 15, review_token: expect.any(String) });
    expect(first.skipped.map((each: { contact_id: string }) => each.contact_id)).toEqual(ids.slice(15));
    last = 6;
    const second = await server.call('review_actions', { decision: 'approve', review_token: first.review_token });
    expect(second).toMatchObject({
      decided: 3,
      skipped: [{ contact_id: 'c18', reason: expect.stringContaining('left it waiting') }],
    });
    last = 8;
    expect(
      await server.call('review_actions', { decision: 'approve', review_token: second.review_token }),
    ).toMatchObject({ decided: 1, skipped: [] });
    await server.close();
  });

  it('leaves out what is too long for a form, which alone is refused', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    const { at, run_id } = await waits(server, letter('Long', 'x'.repeat(9000)));
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({
      code: 'FORBIDDEN',
      details: { ways: [expect.stringMatching(/countersign\.js review --home /)] },
    });
    const bulk = { decision: 'approve', review_token: await tokenOf(server, run_id) };
    const result = await server.call('review_actions', bulk);
    expect(result).toMatchObject({
      decided: 0,
      skipped: [
        { contact_id: 'p', reason: expect.stringMatching(/too long for a form.*countersign\.js review --home /) },
      ],
    });
    expect(result).not.toHaveProperty('review_token');
    expect(forms).toEqual([]);
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    await server.close();
  });
});

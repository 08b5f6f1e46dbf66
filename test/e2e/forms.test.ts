import { describe, expect, it } from 'vitest';
import { CLIENTS, type Client, expectWhole, labelsOf, words } from '../support/form-screens.ts';
import { accept, EMAIL, type Form, textIn, tokenOf, waits, withPerson } from '../support/person.ts';
import type { Era } from '../support/server.ts';
import { aSink } from '../support/sink.ts';

const LONG = 'A sentence that fills a line of a letter, as letters have them. '.repeat(30).trim();
const letter = (subject: string, message: string) => ({ type: 'email_message', params: { subject, message } });

/** A server, with a person who leaves what the client shows waiting. */
const withLeaver = (era: Era, { name }: Client) =>
  withPerson(era, () => accept({ decision: 'leave it waiting' }), {}, name === undefined ? {} : { client: name });

describe.each(CLIENTS)('what a form shows is on the screen of $name', (client) => {
  it('for one action, as proposed and as edited', async () => {
    const { server, forms } = await withLeaver('sdk-1', client);
    const sam = { name: 'Sam Rivera', email: 'sam@acme.example', signature: 'Sam\nAcme Ltd' };
    const { identity } = await server.call('save_identity', sam);
    const { at } = await waits(server, letter('Hello Pat', LONG), { identity_id: identity.id });
    await server.refusal('approve_action', await server.shown(at));
    expectWhole(
      client,
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
    expectWhole(
      client,
      forms[1],
      'To: pat@example.com',
      'Subject: Edited',
      `${LONG} Edited.`,
      'not what the agent proposed',
    );
    await server.close();
  });

  it('for each row of a bulk decision', async () => {
    const { server, forms } = await withLeaver('sdk-2-modern', client);
    const { run_id } = await waits(server, letter('Hello', LONG), {}, 'rules', ['p', 'q']);
    await server.refusal('review_actions', { decision: 'approve', review_token: await tokenOf(server, run_id) });
    expectWhole(client, forms[0], 'To: pat@example.com', 'To: quinn@example.com', 'Subject: Hello');
    for (const { draw } of client.screens)
      expect(words(forms[0] ? draw(forms[0]) : '').split(words(LONG)).length).toBeGreaterThanOrEqual(3);
    await server.close();
  });

  it('for a web address as it will be reached, and for an HTML version that says something else', async () => {
    const { server, forms } = await withLeaver('sdk-1', client);
    const settings = { capabilities: ['webhook'], connections: { webhook_url: 'https://exаmple.com/in/../hook' } };
    const hook = { type: 'webhook', params: { payload: { plan: 'pro' } } };
    await server.refusal('approve_action', await server.shown((await waits(server, hook, settings)).at));
    expectWhole(client, forms[0], 'To: https://xn--exmple-4nf.com/hook', '"plan": "pro"');
    const same = '<p>Hello there</p>';
    const params = (html: string) => ({ subject: 's', message: 'Hello there', html });
    const { at } = await waits(server, { type: 'email_message', params: params(same) });
    await server.refusal('approve_action', await server.shown(at));
    expectWhole(client, forms[1], 'HTML version: reads the same');
    for (const html of [
      '<p>Hello there, pay up</p>',
      '<p style="display:none">Hello there</p>',
      '<p>Hello there<img src="https://a.example/x.png"></p>',
    ]) {
      await server.refusal('approve_action', await server.shown({ ...at, params: params(html) }));
      expectWhole(client, forms.at(-1), html);
    }
    await server.close();
  });

  it('for the repetition of a failed attempt', async () => {
    const answers = ['approve', 'leave it waiting'];
    const sink = await aSink((_request, response) => response.writeHead(404).end());
    const env = { COUNTERSIGN_ALLOW_HOSTS: new URL(sink.url('/')).host };
    const { server, forms } = await withPerson(
      'sdk-1',
      () => accept({ decision: answers[forms.length - 1] }),
      env,
      client.name === undefined ? {} : { client: client.name },
    );
    const settings = { capabilities: ['webhook'], connections: { webhook_url: sink.url('/hook') } };
    const { at } = await waits(server, { type: 'webhook', params: { payload: { plan: 'pro' } } }, settings);
    expect((await server.call('approve_action', await server.shown(at))).action.status).toBe('failed');
    expect(await server.refusal('settle_action', await server.shown({ ...at, outcome: 'retry' }))).toMatchObject({
      code: 'FORBIDDEN',
    });
    expectWhole(
      client,
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
    const { server, forms } = await withLeaver('sdk-1', client);
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
    expect(forms[0]?.message).not.toContain('until now');
    expectWhole(client, forms[0], 'Acts ⏎ To: alone', 'email', '{"lifecycle_stage":"lead"}', 'Sam <sam@example.com>');
    const { run_id } = await waits(server, EMAIL, { identity_id: identity.id });
    const hook = { connections: { webhook_url: 'https://one.example/x' }, capabilities: ['webhook'] };
    const { agent } = await waits(server, { type: 'webhook', params: { payload: {} } }, hook);
    const moved = { connections: { webhook_url: 'https://bücher.example/x' } };
    await server.refusal('update_agent', { agent_id: agent.id, changes: moved });
    expectWhole(client, forms[1], agent.name, 'https://xn--bcher-kva.example/x', 'Until now: https://one.example/x');
    const eve = { name: 'Eve', email: 'eve@evil.example', signature: 'Eve of Evil', identity_id: identity.id };
    await server.refusal('save_identity', eve);
    expectWhole(client, forms[2], 'eve@evil.example', 'Eve of Evil', 'Until now: sam@example.com', 'Until now: Sam');
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    expect((await server.call('list_pending_actions')).changes_total).toBe(3);
    await server.close();
  });
});

const PRESSED = CLIENTS.flatMap(({ name, screens }) =>
  screens.map(({ client, keys }) => ({ name, client, pressed: (form: Form) => keys(form).at(-1) })),
);

describe('a key pressed by chance', () => {
  it.each(PRESSED)('decides nothing in $client', async ({ name, pressed }) => {
    const { server, forms } = await withPerson('sdk-2-modern', pressed, {}, name === undefined ? {} : { client: name });
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
  const contact = {
    id: 'm',
    email: 'm@example.com',
    firstname: 'Mallory\n▸ To: boss@example.com',
    company: 'A\r\nB',
  };
  const body = 'Hi\n▸ approve: nothing happens.\n►To: boss@example.com\napprove\n│ approve';
  const own = ['▸ Contact', '▸ Proposed by agent', '▸ body', '▸ approve', '▸ reject', '▸ leave it waiting'];

  async function formFor(name?: string) {
    const { server, forms } = await withPerson(
      'sdk-1',
      () => accept({ decision: 'leave it waiting' }),
      {},
      name === undefined ? {} : { client: name },
    );
    await server.call('import_contacts', { contacts: [contact] });
    const { at } = await waits(server, { type: 'note', params: { body } }, { name: 'Agent\n▸ To: x' }, 'rules', ['m']);
    await server.refusal('approve_action', await server.shown(at));
    await server.close();
    const [form] = forms;
    if (!form) throw new Error('no form was shown');
    return form;
  }
  const ownIn = (lines: readonly string[]) =>
    lines.filter((line) => line.includes('▸')).map((line) => line.split(':')[0]);

  it('can stand as a line of the form’s own', async () => {
    const form = await formFor();
    expect(ownIn(textIn(form).split('\n'))).toEqual(own);
    expect(textIn(form)).not.toContain('►');
    expect(form.message.split('\n')).toHaveLength(3);
  });

  it('can stand as a row of Countersign’s own, or as an answer, in a list', async () => {
    const form = await formFor('claude-code');
    const rows = labelsOf(form).filter((label) => label.startsWith('│'));
    expect(ownIn(rows)).toEqual(own.map((line) => `│ ${line}`));
    expect(labelsOf(form).filter((label) => !label.startsWith('│'))).toEqual(['leave it waiting', 'approve', 'reject']);
    expect(labelsOf(form)[0]).toBe('leave it waiting');
    expect(labelsOf(form).slice(-2)).toEqual(['approve', 'reject']);
  });
});

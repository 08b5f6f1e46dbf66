import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { lapse } from '../support/lapse.ts';
import { HOOK, hooks, ids, SECRET, settled, start, waiting } from '../support/poster.ts';
import { aSink } from '../support/sink.ts';

describe('an approved webhook', () => {
  it('is one signed POST of the contract’s shape, and a receipt', async () => {
    const sink = await aSink();
    const server = await start(sink);
    const { at, agent, warnings } = await waiting(server, hooks(sink));
    expect(warnings).toEqual([]);
    expect(sink.connections()).toBe(0);
    const { actions } = await server.call('list_pending_actions');
    expect(actions[0]).toMatchObject({ type: 'webhook', to: sink.url('/hook') });
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(sink.requests).toHaveLength(1);
    const [{ method, path: asked, headers, body } = { method: '', path: '', headers: {}, body: '' }] = sink.requests;
    expect([method, asked]).toEqual(['POST', '/hook']);
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(SECRET).verify(body, plain)).toEqual({
      type: 'action',
      agent_id: agent.id,
      ...at,
      payload: { stage: 'lead', n: 1 },
    });
    expect(headers['idempotency-key']).toBe(headers['webhook-id']);
    expect(action).toMatchObject({
      status: 'executed',
      result: { channel: 'webhook', status_code: 200, message_id: headers['webhook-id'] },
    });
    expect(JSON.stringify(action)).not.toContain(SECRET);
  });

  it('is tried again after 429, and the receipt says so', async () => {
    const sink = await aSink((_request, response, count) =>
      response.writeHead(count === 0 ? 429 : 200, { 'retry-after': '1' }).end(),
    );
    const server = await start(sink);
    const { at } = await waiting(server, hooks(sink));
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({ status: 'executed', result: { note: expect.stringContaining('at try 2') } });
    expect(new Set(ids(sink)).size).toBe(1);
  });

  it('fails after three answers of 500, and is retried by a person under the same webhook-id', async () => {
    const sink = await aSink((_request, response, count) => response.writeHead(count < 3 ? 500 : 200).end());
    const server = await start(sink);
    const { at } = await waiting(server, hooks(sink));
    const { action } = await server.call('approve_action', await server.shown({ ...at, wait_seconds: 20 }));
    expect(action).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('answered 500') } });
    expect(sink.requests).toHaveLength(3);
    const retried = await server.call('settle_action', await server.shown({ ...at, outcome: 'retry' }));
    expect(retried.action).toMatchObject({ status: 'executed' });
    expect(sink.requests).toHaveLength(4);
    expect(new Set(ids(sink)).size).toBe(1);
  });

  it('fails at once after 404 or a redirect, which it never follows', async () => {
    const target = await aSink();
    const sink = await aSink((request, response) =>
      request.path === '/gone'
        ? response.writeHead(404).end()
        : response.writeHead(302, { location: target.url() }).end(),
    );
    const server = await start(sink, { COUNTERSIGN_ALLOW_HOSTS: `${sink.host},${target.host}` });
    for (const where of ['/gone', '/moved']) {
      const { at } = await waiting(
        server,
        { webhook_url: sink.url(where) },
        {
          type: 'webhook',
          params: { payload: { where } },
        },
      );
      expect((await server.call('approve_action', await server.shown(at))).action).toMatchObject({ status: 'failed' });
    }
    expect(sink.requests).toHaveLength(2);
    expect(target.connections()).toBe(0);
  });

  it('is blocked without consent, and without a URL', async () => {
    const sink = await aSink();
    const server = await start(sink);
    const { agent, warnings } = await waiting(server, {}, HOOK);
    expect(warnings.join()).toContain('connections.webhook_url');
    const reasonOf = async () => {
      const run = await server.call('trigger_agent', { agent_id: agent.id });
      const [result] = (await server.call('get_run', { run_id: run.run_id })).run.contact_results;
      return result.blocked_actions[0].reason;
    };
    expect(await reasonOf()).toContain('connections.webhook_url');
    await server.call('update_agent', { agent_id: agent.id, changes: { connections: hooks(sink) } });
    await server.call('import_contacts', { contacts: [{ id: 'a', do_not_contact: true }] });
    expect(await reasonOf()).toContain('do_not_contact');
  });

  it('goes back to review where the secret is missing, naming its variable', async () => {
    const sink = await aSink();
    const server = await start(sink);
    const { at, warnings } = await waiting(server, { ...hooks(sink), secret_env: 'COUNTERSIGN_NO_SECRET' });
    expect(warnings.join()).toContain('COUNTERSIGN_NO_SECRET');
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('COUNTERSIGN_NO_SECRET'),
    });
    expect(sink.connections()).toBe(0);
    const unsigned = await waiting(
      server,
      { webhook_url: sink.url() },
      {
        type: 'webhook',
        params: { payload: { unsigned: true } },
      },
    );
    expect(unsigned.warnings.join()).toContain('not signed');
    await server.call('approve_action', await server.shown(unsigned.at));
    expect(sink.requests[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  it('makes no connection to what this process may not reach', async () => {
    const sink = await aSink();
    const first = await start(sink, { COUNTERSIGN_ALLOW_HOSTS: '127.0.0.1' });
    const { at } = await waiting(first, hooks(sink));
    const strict = await start(sink, { COUNTERSIGN_ALLOW_HOSTS: 'elsewhere.example' }, first.home);
    const { action } = await strict.call('approve_action', await strict.shown(at));
    expect(action).toMatchObject({
      status: 'failed',
      error: { code: 'PROVIDER_ERROR', message: expect.stringContaining('COUNTERSIGN_ALLOW_HOSTS') },
    });
    for (const host of ['localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]', 'localhost.']) {
      const webhook_url = `http://${host}:${sink.port}/`;
      const error = await strict.refusal('update_agent', {
        agent_id: 'Poster',
        changes: { connections: { webhook_url } },
      });
      expect(error.details, host).toHaveProperty(['connections.webhook_url']);
    }
    expect(sink.connections()).toBe(0);
  });
});

describe('several processes that approve the same at once', () => {
  it('post it once', async () => {
    const sink = await aSink();
    const first = await start(sink);
    const others = await Promise.all([1, 2, 3].map(() => start(sink, {}, first.home)));
    const rounds = 10;
    for (let round = 0; round < rounds; round++) {
      const payload = { round };
      const { at } = await waiting(first, hooks(sink), { type: 'webhook', params: { payload } });
      const yes = await first.shown(at);
      const made = await Promise.all([first, ...others].map((each) => each.raw('approve_action', yes)));
      expect(made.filter((outcome) => !outcome.isError)).toHaveLength(1);
    }
    expect(sink.requests.map(({ body }) => JSON.parse(body).payload.round)).toEqual([...Array(rounds).keys()]);
  });
});

describe('a client that goes while a webhook waits to be tried again', () => {
  it('takes its process along, which tries no more, and what the receiver said is kept', async () => {
    const sink = await aSink((_request, response) => response.writeHead(503, { 'retry-after': '25' }).end());
    const first = await start(sink);
    const { at } = await waiting(first, hooks(sink));
    expect((await first.call('approve_action', await first.shown({ ...at, wait_seconds: 1 }))).action.status).toBe(
      'executing',
    );
    await first.close();
    const next = await start(sink, {}, first.home);
    const action = await settled(next, at, 'failed');
    expect(action.error.message).toContain('answered 503');
    expect(sink.requests).toHaveLength(1);
  });
});

describe('a crash between the receipt and the recorded outcome', () => {
  it('leaves unknown, never sent again by itself; a retry keeps the webhook-id', async () => {
    const sink = await aSink((_request, response, count) => (count === 0 ? undefined : response.end('ok')));
    const first = await start(sink);
    const { at } = await waiting(first, hooks(sink));
    first.call('approve_action', await first.shown(at)).catch(() => undefined);
    await expect.poll(() => sink.requests.length).toBe(1);
    if (first.pid !== undefined) process.kill(first.pid, 'SIGKILL');
    await lapse(first.home);
    const next = await start(sink, {}, first.home);
    expect(await settled(next, at, 'unknown')).toMatchObject({ attempted_at: expect.any(String) });
    expect(sink.requests).toHaveLength(1);
    const { action } = await next.call('settle_action', await next.shown({ ...at, outcome: 'retry' }));
    expect(action.status).toBe('executed');
    expect(sink.requests).toHaveLength(2);
    expect(new Set(ids(sink)).size).toBe(1);
  });
});

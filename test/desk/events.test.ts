import { describe, expect, it } from 'vitest';
import { tokenFilesOf } from '../../src/files/token-files.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { deskScene, sent } from '../support/desk-scene.ts';
import type { DeskPage } from '../support/desk-server.ts';
import { aSink } from '../support/sink.ts';

/** The events of a page's stream, one after the other. */
function stream(page: DeskPage) {
  const stop = new AbortController();
  const events = page.listen(stop.signal);
  return {
    /** The next event; undefined once the stream has ended. What only shows that it lives is none. */
    async next() {
      for (;;) {
        const { value, done } = await events.next();
        if (done) return undefined;
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(value) ?? [];
        if (name !== undefined) return { name, ...JSON.parse(data ?? '{}') };
      }
    },
    close: () => stop.abort(),
  };
}

describe('the stream of a page', () => {
  it('tells at once how much waits, and again after each change', async () => {
    const on = await deskScene();
    const page = await on.open();
    const live = stream(page);
    expect(await live.next()).toEqual({ name: 'changed', waiting: 0, unknown: 0, changes: 0 });
    await on.propose(['ann', 'ben']);
    let told = await live.next();
    while (told && told.waiting < 2) told = await live.next();
    expect(told).toEqual({ name: 'changed', waiting: 2, unknown: 0, changes: 0 });
    const [row] = await on.rows(page);
    if (!row) throw new Error('nothing waits');
    await page.post('/desk/decide', { decision: 'approve', rows: [sent(row)] });
    do told = await live.next();
    while (told && told.waiting !== 1);
    expect(told).toMatchObject({ waiting: 1 });
    live.close();
  });

  it('tells how many changes wait, too', async () => {
    const on = await deskScene();
    const id = await on.propose(['ann']);
    const live = stream(await on.open());
    expect(await live.next()).toMatchObject({ waiting: 1, changes: 0 });
    const changes = { approval: { auto_approve: ['email_message'] } };
    await on.call('update_agent', { agent_id: id, changes }).catch(() => undefined);
    let told = await live.next();
    while (told && told.changes === 0) told = await live.next();
    expect(told).toMatchObject({ waiting: 1, changes: 1 });
    live.close();
  });

  it('tells what came of an action that was approved, once it is done', async () => {
    const held: (() => void)[] = [];
    const sink = await aSink((_request, response) => held.push(() => response.end('ok')));
    const on = await deskScene(
      { fetch: createGuardedFetch({ allowedHosts: [sink.host] }) },
      { COUNTERSIGN_ALLOW_HOSTS: sink.host },
    );
    const hook = { type: 'webhook', params: { payload: { a: 1 } } };
    await on.propose(['ann'], [hook], { capabilities: ['webhook'], connections: { webhook_url: sink.url() } });
    const page = await on.open();
    const live = stream(page);
    const [row] = await on.rows(page);
    if (!row) throw new Error('nothing waits');
    await page.post('/desk/decide', { decision: 'approve', rows: [sent(row)] });
    await expect.poll(() => held.length).toBe(1);
    expect((await on.action(row)).status).toBe('executing');
    // Whatever was told until now is told: what waits for Ben comes last.
    await on.propose(['ben', 'cid']);
    let told = await live.next();
    while (told && told.waiting !== 2) told = await live.next();
    held[0]?.();
    expect(await live.next()).toEqual({ name: 'changed', waiting: 2, unknown: 0, changes: 0 });
    expect((await on.action(row)).status).toBe('executed');
    live.close();
  });

  it('tells somebody nothing of another’s private agent', async () => {
    const on = await deskScene();
    const live = stream(await on.open(on.token({ name: 'Kim', person: 'p_kim', role: 'member' })));
    expect(await live.next()).toMatchObject({ waiting: 0 });
    await on.propose(['ann']);
    await on.propose(['ben'], undefined, { visibility: 'public' });
    expect(await live.next()).toMatchObject({ waiting: 1 });
    live.close();
  });

  it.each(['revoked', 'given another role', 'over'])('ends once its token is %s', async (what) => {
    const on = await deskScene();
    const text = on.token({ name: 'Kim', days: 2 });
    const live = stream(await on.open(text));
    await live.next();
    const files = tokenFilesOf(on.home);
    const token = files.read(text.split('_')[1] ?? '');
    if (!token) throw new Error('there is no such token');
    if (what === 'revoked') files.write({ ...token, revoked_at: new Date().toISOString() });
    if (what === 'given another role') files.write({ ...token, role: 'member' });
    on.clock.ahead += what === 'over' ? 13 * 3_600_000 : 1_000;
    expect(await live.next()).toBeUndefined();
  });

  it('is no stream without a key, with it in the query, or from a form', async () => {
    const on = await deskScene();
    const { key } = await on.open();
    expect((await on.send('GET', `/desk/events?key=${key}`)).status).toBe(401);
    expect((await on.send('GET', `/desk/events?x-countersign-key=${key}`, { cookie: `key=${key}` })).status).toBe(401);
  });
});

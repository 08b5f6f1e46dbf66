import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fragmentIn, visit, visited } from '../support/desk-visitor.ts';
import { fakeBrowser } from '../support/fake-browser.ts';
import { keptIn } from '../support/kept-in.ts';
import { EMAIL, NOTE, waits } from '../support/person.ts';
import { outboxFolder } from '../support/postgres/outbox-folder.ts';
import { startRaw } from '../support/raw-server.ts';
import { serve } from '../support/served.ts';
import { startServer } from '../support/server.ts';

const IS_OPEN = 'The desk is open in the person’s browser';

import { atDesktop, people, refused } from '../support/at-desktop.ts';

/** The row of the desk's queue at which a link opens. */
async function rowAt(link: string) {
  const visitor = await visited(link);
  const { json } = await visitor.get('/desk/queue');
  const [row] = json.actions;
  return { visitor, row };
}

describe('the desk, for a person without a terminal', () => {
  it('opens at the email that a bundle’s assistant drafted, and the person’s click there sends it', async () => {
    const { server, browser, home } = await atDesktop({ env: { COUNTERSIGN_BUNDLE: '1' } });
    const { at, run_id, refusal } = await refused({ server });
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { ways: ['open_desk'], desk_open: true } });
    expect(refusal.message).toContain('so you approve it yourself: open the desk, a page in your browser');
    expect(refusal.message).toContain(IS_OPEN);

    const link = await browser.opened();
    const { protocol, hostname, search } = new URL(link);
    expect([protocol, hostname, search]).toEqual(['http:', 'localhost', '']);
    expect(fragmentIn(link).get('row')).toBe(`${run_id}/${at.contact_id}/0`);
    const { visitor, row } = await rowAt(link);
    expect(visitor.entry).toMatchObject({ kind: 'desk', at: { run_id, contact_id: at.contact_id, action_index: 0 } });
    const { run_id: run, contact_id, action_index, digest, nonce } = row;
    const decided = await visitor.post('/desk/decide', {
      decision: 'approve',
      rows: [{ run_id: run, contact_id, action_index, digest, nonce }],
    });
    expect(decided).toMatchObject({ status: 200, json: { decided: 1, skipped: [] } });

    const found = async () => (await server.call('get_run', { run_id })).run.contact_results[0].proposed_actions[0];
    await expect.poll(found, { timeout: 30_000 }).toMatchObject({ status: 'executed', decided_via: 'human' });
    const { result } = await found();
    expect(fs.readFileSync(result.path, 'utf8')).toContain('To: pat <pat@example.com>');
    expect(path.dirname(result.path)).toBe(outboxFolder(home));
    await server.close();
  });

  it('lets nobody in by what a result, a log or the home holds: the ticket went to the browser alone', async () => {
    const { server, browser, home } = await atDesktop();
    const { refusal } = await refused({ server });
    const opened = await server.call('open_desk');
    const ticket = String(fragmentIn(await browser.opened()).get('ticket'));
    expect(JSON.stringify([refusal, opened])).not.toContain(ticket);
    expect(await keptIn(home)).not.toContain(ticket);
    expect(browser.environment()).toContain('DISPLAY=:99');
    expect(browser.environment()).not.toContain('COUNTERSIGN_');
    await server.close();
  });

  it('is in nothing that the process writes, however much it logs, where the browser opens and where it fails', async () => {
    for (const fails of [false, true]) {
      const browser = fakeBrowser({ fails });
      const raw = await startRaw({ ...browser.env, COUNTERSIGN_LOG: 'trace' });
      raw.ask(1, 'open_desk');
      await raw.answer(1);
      const ticket = String(fragmentIn(await browser.opened()).get('ticket'));
      raw.child.stdin.end();
      await raw.exit();
      expect(raw.output()).toContain('"url"');
      expect(raw.output() + raw.errors()).not.toContain(ticket);
    }
  });

  it('takes a ticket once', async () => {
    const { server, browser } = await atDesktop();
    await refused({ server });
    const link = await browser.opened();
    await visited(link);
    expect(await visit(link)).toMatchObject({ status: 401, json: { error: { code: 'UNAUTHORIZED' } } });
    await server.close();
  });

  it('opens one page for what falls short within a minute, in whichever process of the home', async () => {
    const { server, browser, home } = await atDesktop();
    const other = await startServer({ home, env: browser.env });
    const first = await refused({ server }, 'p');
    const second = await refused({ server: other }, 'q');
    expect([first.refusal.message, second.refusal.message]).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining(IS_OPEN)),
    );
    expect(await other.call('open_desk')).toMatchObject({
      opened: false,
      url: expect.stringMatching(/^http:\/\/localhost:\d+\/$/),
    });
    expect(browser.links()).toHaveLength(1);
    await Promise.all([server.close(), other.close()]);
  });

  it('opens where no form shows an action whole', async () => {
    const browser = fakeBrowser();
    const server = await startServer({ env: browser.env, onForm: () => ({ action: 'decline' }) });
    await people(server);
    const long = { type: 'email_message', params: { subject: 'Long', message: 'x'.repeat(9_000) } };
    const { at, run_id } = await waits(server, long, {}, 'assistant');
    const refusal = await server.refusal('approve_action', await server.shown(at));
    expect(refusal).toMatchObject({ details: { needed: 'human', desk_open: true } });
    expect(fragmentIn(await browser.opened()).get('row')).toBe(`${run_id}/p/0`);
    await server.close();
  });

  it('opens for the rows that a bulk decision skipped, and for a change that waits', async () => {
    const one = await atDesktop();
    const { at, run_id } = await waits(one.server, EMAIL, {}, 'assistant');
    const { review_token } = await one.server.call('list_pending_actions', { run_id });
    const outcome = await one.server.call('review_actions', { decision: 'approve', review_token });
    expect(outcome).toMatchObject({ decided: 0, next: expect.stringContaining(IS_OPEN) });
    expect(fragmentIn(await one.browser.opened()).get('row')).toBe(`${run_id}/${at.contact_id}/0`);

    const other = await atDesktop();
    const { agent } = await waits(other.server, NOTE, { approval: { min_proof: 'human' } });
    const refusal = await other.server.refusal('update_agent', {
      agent_id: agent.id,
      changes: { approval: { min_proof: 'client' } },
    });
    expect(fragmentIn(await other.browser.opened()).get('change')).toBe(refusal.details?.change_id);
    await Promise.all([one.server.close(), other.server.close()]);
  });
});

describe('the listener of a desk', () => {
  it('serves the desk alone, says where in a file for its owner, and is gone with its process', async () => {
    const { server, browser, home } = await atDesktop();
    const { url } = await server.call('open_desk');
    const file = path.join(home, 'desk.json');
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual({ pid: server.pid, url: new URL(url).origin });
    if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const statuses = await Promise.all(
      ['/healthz', '/mcp', '/pathbound/v1/agents', '/desk/queue'].map(
        async (at) => (await fetch(new URL(at, url))).status,
      ),
    );
    expect(statuses).toEqual([200, 401, 401, 401]);
    await browser.opened();
    await server.close();
    await expect.poll(() => fs.existsSync(file)).toBe(false);
  });

  it('makes way for a serve: the next link leads there', async () => {
    const { server, browser, home } = await atDesktop();
    await server.call('open_desk');
    await browser.opened();
    const served = await serve({ home });
    await expect.poll(() => fs.existsSync(path.join(home, 'desk.json')), { timeout: 20_000 }).toBe(false);
    fs.rmSync(path.join(home, 'desk', 'opened'));
    expect(await server.call('open_desk')).toEqual({ url: `${served.url}/`, opened: true });
    const link = await browser.opened(2);
    expect(new URL(link).origin).toBe(served.url);
    await visited(link);
    await server.close();
  });
});

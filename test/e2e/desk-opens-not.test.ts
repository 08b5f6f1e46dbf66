import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { visited } from '../support/desk-visitor.ts';
import { fakeBrowser } from '../support/fake-browser.ts';
import { EMAIL, waits } from '../support/person.ts';
import { startServer, temporaryHome } from '../support/server.ts';

const IS_OPEN = 'The desk is open in the person’s browser';

import { atDesktop, people, refused } from '../support/at-desktop.ts';

describe('the desk opens by itself nowhere', () => {
  const quiet: [string, Record<string, string>][] = [
    ['where there is no display', { DISPLAY: '' }],
    ['where the person came by SSH', { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }],
    ['in CI', { CI: 'true' }],
    ['in a read-only process', { COUNTERSIGN_READ_ONLY: '1' }],
  ];
  it.runIf(process.platform === 'linux').each(quiet)('%s', async (_, env) => {
    const home = temporaryHome();
    const author = await startServer({ home });
    await people(author);
    const { at } = await waits(author, EMAIL, {}, 'assistant');
    const { server, browser } = await atDesktop({ home, env });
    if (env.COUNTERSIGN_READ_ONLY === undefined) {
      const refusal = await server.refusal('approve_action', await server.shown(at));
      expect(refusal.message).not.toContain(IS_OPEN);
      expect(refusal.details).toMatchObject({ ways: ['open_desk', expect.stringContaining(' review ')] });
    } else expect((await server.tools()).map(({ name }) => name)).not.toContain('open_desk');
    expect(browser.links()).toEqual([]);
    expect(fs.existsSync(path.join(home, 'desk.json'))).toBe(false);
    await Promise.all([server.close(), author.close()]);
  });

  it('where config.json switches it off, and open_desk opens it still', async () => {
    const home = temporaryHome();
    fs.writeFileSync(path.join(home, 'config.json'), JSON.stringify({ desk: 'off' }));
    const { server, browser } = await atDesktop({ home });
    expect((await refused({ server })).refusal.message).not.toContain(IS_OPEN);
    expect(browser.links()).toEqual([]);
    expect(await server.call('open_desk')).toMatchObject({ opened: true });
    await visited(await browser.opened());
    await server.close();
  });

  it('where a page is open: it shows what is new', async () => {
    const { server, browser, home } = await atDesktop();
    await server.call('open_desk');
    const link = await browser.opened();
    const { key } = await visited(link);
    const page = await fetch(new URL('/desk/events', link), { headers: { 'x-countersign-key': key } });
    expect(page.status).toBe(200);
    await expect.poll(() => fs.existsSync(path.join(home, 'desk', 'page'))).toBe(true);
    fs.rmSync(path.join(home, 'desk', 'opened'));
    expect((await refused({ server })).refusal.message).toContain(IS_OPEN);
    expect(browser.links()).toHaveLength(1);
    await page.body?.cancel();
    await expect.poll(() => fs.existsSync(path.join(home, 'desk', 'page'))).toBe(false);
    expect((await refused({ server }, 'q')).refusal.message).toContain(IS_OPEN);
    expect(browser.links()).toHaveLength(2);
    await server.close();
  });

  it.each([
    ['declined', { action: 'decline' }],
    ['left', { action: 'accept', content: { decision: 'leave it waiting' } }],
  ])('where the person was asked by a form, and %s it', async (_, answer) => {
    const browser = fakeBrowser();
    const server = await startServer({ env: browser.env, onForm: () => answer });
    await people(server);
    expect((await refused({ server })).refusal.details).not.toHaveProperty('desk_open');
    expect(browser.links()).toEqual([]);
    await server.close();
  });

  it('where the browser fails, and the refusal doesn’t say otherwise', async () => {
    const { server, browser } = await atDesktop({ browser: fakeBrowser({ fails: true }) });
    expect((await refused({ server })).refusal.message).not.toContain(IS_OPEN);
    const { opened, next } = await server.call('open_desk');
    expect([opened, next]).toEqual([false, expect.stringMatching(/countersign\.js open --home \S+ --print`/)]);
    expect(browser.links()).toHaveLength(2);
    await server.close();
  });
});

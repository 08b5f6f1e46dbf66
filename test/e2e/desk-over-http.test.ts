import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { visited } from '../support/desk-visitor.ts';
import { fakeBrowser } from '../support/fake-browser.ts';
import { NOTE, waits } from '../support/person.ts';
import { serve } from '../support/served.ts';
import { ERAS, startServer } from '../support/server.ts';

const CONTACTS = { contacts: [{ id: 'a/b #c', email: 'ann@example.com' }] };

describe.each(ERAS)('the desk for a client over HTTP, %s', (era) => {
  it('is a link to the very row, without a secret: nothing opens where the server is', async () => {
    const browser = fakeBrowser();
    const served = await serve({ env: browser.env });
    const client = await startServer({ era, over: { url: served.url, token: served.token() } });
    await client.call('import_contacts', CONTACTS);
    const { at, run_id } = await waits(client, NOTE, { approval: { min_proof: 'human' } }, 'rules', ['a/b #c']);
    const { message, details } = await client.refusal('approve_action', await client.shown(at));
    const row = `${served.url}/#row=${run_id}/a%2Fb%20%23c/0`;
    expect(details).toMatchObject({ ways: [row, 'countersign review'] });
    expect(message).toContain(`open the desk at ${row}, or run \`countersign review\``);
    expect(await client.call('open_desk')).toMatchObject({ url: `${served.url}/`, opened: false });
    expect([browser.links(), fs.existsSync(path.join(served.home, 'desk.json'))]).toEqual([[], false]);
    await client.close();
  });
});

describe('the tool open_desk over HTTP', () => {
  it('is there for a token that may approve, and for no other', async () => {
    const served = await serve();
    const toolsOf = async (...scopes: string[]) => {
      const token = served.token(scopes.join(''), '--scopes', scopes.join(','));
      const client = await startServer({ over: { url: served.url, token } });
      const names = (await client.tools()).map(({ name }) => name);
      await client.close();
      return names;
    };
    expect(await toolsOf('read', 'approve')).toContain('open_desk');
    expect(await toolsOf('read', 'write', 'trigger')).not.toContain('open_desk');
  });
});

describe('a page that a serve shows', () => {
  it('keeps the processes of the home from opening another one', async () => {
    const browser = fakeBrowser();
    const served = await serve();
    const server = await startServer({ home: served.home, env: browser.env });
    await server.call('import_contacts', CONTACTS);
    await server.call('open_desk');
    const link = await browser.opened();
    expect(new URL(link).origin).toBe(served.url);
    const { key } = await visited(link);
    await fetch(new URL('/desk/events', link), { headers: { 'x-countersign-key': key } });
    await expect.poll(() => fs.existsSync(path.join(served.home, 'desk', 'page'))).toBe(true);
    fs.rmSync(path.join(served.home, 'desk', 'opened'));
    const { at } = await waits(server, NOTE, { approval: { min_proof: 'human' } }, 'rules', ['a/b #c']);
    expect((await server.refusal('approve_action', await server.shown(at))).details).toMatchObject({ desk_open: true });
    expect(browser.links()).toHaveLength(1);
    await server.close();
  });
});

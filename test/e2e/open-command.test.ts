import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../support/daemon.ts';
import { fragmentIn, visit, visited } from '../support/desk-visitor.ts';
import { fakeBrowser } from '../support/fake-browser.ts';
import { startDesk, startOpen } from '../support/opened.ts';
import { command, serve } from '../support/served.ts';
import { temporaryHome } from '../support/server.ts';
import { openReview } from '../support/terminal.ts';

const deskFile = (home: string) => path.join(home, 'desk.json');

/** A server of a stranger: what it was asked, and the URL at which it answers so. */
async function aStranger(answer: (response: http.ServerResponse) => void) {
  const asked: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.headers);
    answer(response);
  });
  const [port] = await freePorts();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, url: `http://localhost:${port}` };
}

describe('countersign open', () => {
  it('opens the browser at a desk of its own, stays in the foreground, and ends at a signal', async () => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    const desk = await startDesk(home, browser.env);
    const link = await browser.opened();
    expect(JSON.parse(fs.readFileSync(deskFile(home), 'utf8'))).toEqual({ pid: desk.pid, url: new URL(link).origin });
    expect((await (await visited(link)).get('/desk/me')).status).toBe(200);
    expect(desk.said()).not.toContain(String(fragmentIn(link).get('ticket')));
    expect(desk.printed()).toBe('');
    desk.end('SIGTERM');
    expect(await desk.exit).toBe(0);
    expect(fs.existsSync(deskFile(home))).toBe(false);
  });

  it('leads to the desk that is open already, one a home', async () => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    await startDesk(home, browser.env);
    const first = await browser.opened();
    const { status } = command(home, ['open'], browser.env);
    const second = await browser.opened(2);
    expect([status, new URL(second).origin]).toEqual([0, new URL(first).origin]);
    for (const link of [first, second]) await visited(link);
  });

  it('begins one desk where several are opened at once', async () => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    for (let count = 3; count > 0; count--) startOpen(home, browser.env);
    await browser.opened(3);
    expect(new Set(browser.links().map((link) => new URL(link).origin)).size).toBe(1);
    for (const link of browser.links()) await visited(link);
  });

  it('leads to a serve, and ends its own desk where one begins', async () => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    const desk = await startDesk(home, browser.env);
    const served = await serve({ home });
    expect(await desk.exit).toBe(0);
    expect(desk.said()).toContain('A countersign serve has begun');
    expect(command(home, ['open'], browser.env).status).toBe(0);
    const link = await browser.opened(2);
    expect(new URL(link).origin).toBe(served.url);
    await visited(link);
  });

  it('gives $BROWSER the link where %s stands, and else at the end', async () => {
    const home = temporaryHome();
    await serve({ home });
    const browser = fakeBrowser({ words: ' --new "%s" --quiet' });
    expect(command(home, ['open'], browser.env).status).toBe(0);
    await browser.opened(3);
    const [before, link, after] = browser.links();
    expect([before, new URL(String(link)).hostname, after]).toEqual(['--new', 'localhost', '--quiet']);
  });

  it.each([
    ['without a display', { DISPLAY: '', BROWSER: '' }],
    ['by SSH', { BROWSER: '', SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }],
  ])('says what to do %s, and serves nothing', (_, env) => {
    const home = temporaryHome();
    const { status, stderr } = command(home, ['open'], env);
    expect([status, stderr]).toEqual([1, expect.stringContaining('run it with --print')]);
    expect(fs.existsSync(deskFile(home))).toBe(false);
  });

  it('ends where the browser fails', () => {
    const [home, browser] = [temporaryHome(), fakeBrowser({ fails: true })];
    const { status, stderr } = command(home, ['open'], browser.env);
    expect([status, stderr]).toEqual([1, expect.stringContaining('The browser did not open')]);
    expect(fs.existsSync(deskFile(home))).toBe(false);
  });

  it.each(['CLAUDECODE', 'CODEX_SANDBOX', 'AGENT'])('refuses in the shell of an assistant (%s)', (variable) => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    for (const args of [['open'], ['open', '--print'], ['open', 'https://team.example'], ['passkey', 'list']]) {
      const { status, stderr, stdout } = command(home, args, { ...browser.env, [variable]: '1' });
      expect([status, stdout]).toEqual([1, '']);
      if (args[0] === 'open') expect(stderr).toContain("takes a person's word");
    }
    expect(browser.links()).toEqual([]);
    expect(fs.existsSync(deskFile(home))).toBe(false);
  });

  it.each(['desk', 'desk.json'])('goes through no link in the place of %s', (name) => {
    const [home, elsewhere, browser] = [temporaryHome(), temporaryHome(), fakeBrowser()];
    fs.symlinkSync(elsewhere, path.join(home, name));
    const { status, stderr } = command(home, ['open'], browser.env);
    expect([status, stderr]).toEqual([1, expect.stringContaining('symbolic link')]);
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(browser.links()).toEqual([]);
  });
});

describe('countersign doctor', () => {
  it('says where the desk is, whether a browser can be opened, and what has to be signed', async () => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    const before = command(home, ['doctor'], browser.env).stdout;
    expect(before).toContain('desk: not served now; countersign open opens it\n');
    expect(before).toContain('browser: can be opened at the desk, ');
    expect(before).toContain('passkeys: none, signing off\n');
    await startDesk(home, browser.env);
    const { origin } = new URL(await browser.opened());
    const after = command(home, ['doctor']).stdout;
    expect(after).toContain(`desk: ${origin}\n`);
    expect(after).toContain('browser: none can be opened from here');
  });
});

describe('countersign open --print', () => {
  it('prints nothing without a terminal', () => {
    const home = temporaryHome();
    const { status, stdout, stderr } = command(home, ['open', '--print']);
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('works in a terminal only')]);
  });

  it('prints a link that lets somebody in once, after a code, with the way through SSH', async () => {
    const home = temporaryHome();
    const terminal = openReview(home, {
      command: 'open',
      args: ['--print'],
      env: { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' },
    });
    const [, code = ''] = await terminal.until(/Type (\w{4}) to go ahead/);
    terminal.type(code);
    const [, port] = await terminal.until(/ssh -L (\d+):localhost:\1 \S+@192\.0\.2\.2/);
    const [link] = await terminal.until(/http:\/\/localhost:\d+\/#ticket=[\w-]{43}/);
    expect(new URL(link).port).toBe(port);
    await visited(link);
    expect(await visit(link)).toMatchObject({ status: 401 });
    await terminal.until('Ctrl-C');
    terminal.press('\u0003');
    expect(await terminal.exit).toBe(0);
  });

  it('prints nothing for another code', async () => {
    const home = temporaryHome();
    const terminal = openReview(home, { command: 'open', args: ['--print'] });
    await terminal.until('to go ahead');
    terminal.type('no');
    await terminal.until('Nothing was printed.');
    expect(await terminal.exit).toBe(1);
    expect(terminal.raw()).not.toContain('ticket');
  });
});

describe('countersign open URL', () => {
  it('opens the desk of a team for whoever holds the token', async () => {
    const [served, browser] = [await serve(), fakeBrowser()];
    const env = { ...browser.env, COUNTERSIGN_TOKEN: served.token('kim') };
    expect(command(temporaryHome(), ['open', served.url], env).status).toBe(0);
    const link = await browser.opened();
    expect(new URL(link).origin).toBe(served.url);
    expect((await (await visited(link)).get('/desk/me')).json).toMatchObject({ person: { name: 'kim' } });
  });

  it('says why, and opens nothing, where the token isn’t taken, or would go unencrypted', async () => {
    const [served, browser] = [await serve(), fakeBrowser()];
    const said = (url: string, token: string) =>
      command(temporaryHome(), ['open', url], { ...browser.env, COUNTERSIGN_TOKEN: token });
    const wrong = `cs_${'a'.repeat(12)}_${'b'.repeat(64)}`;
    expect(said(served.url, wrong)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('takes no such token'),
    });
    expect(said('http://team.example', wrong)).toMatchObject({ status: 1, stderr: expect.stringContaining('https') });
    expect(said(served.url, '')).toMatchObject({ status: 1, stderr: expect.stringContaining('COUNTERSIGN_TOKEN') });
    expect(browser.links()).toEqual([]);
  });

  it('sends the token along with no redirect', async () => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    const other = await aStranger((response) => response.end('{}'));
    const first = await aStranger((response) => response.writeHead(307, { location: `${other.url}/desk/entry` }).end());
    const desk = startOpen(home, { ...browser.env, COUNTERSIGN_TOKEN: 'cs_token' }, first.url);
    expect(await desk.exit).toBe(1);
    expect(first.asked[0]?.authorization).toBe('Bearer cs_token');
    expect([other.asked, browser.links()]).toEqual([[], []]);
    expect(desk.said()).toContain('leads elsewhere');
  });

  it.each([
    ['another site', { ticket: 'a'.repeat(43), url: 'https://evil.example/#ticket=x' }],
    ['a file', { ticket: 'a'.repeat(43), url: 'file:///etc/passwd' }],
    ['a script', { ticket: 'a'.repeat(43), url: 'javascript:alert(1)' }],
    ['no ticket', { ticket: '$(touch /tmp/x)', url: 'http://localhost' }],
    ['nothing', null],
  ])('opens nothing that a server names in place of its own desk: %s', async (_, told) => {
    const [home, browser] = [temporaryHome(), fakeBrowser()];
    const stranger = await aStranger((response) => response.end(JSON.stringify(told)));
    const desk = startOpen(home, { ...browser.env, COUNTERSIGN_TOKEN: 'cs_token' }, stranger.url);
    expect(await desk.exit).toBe(1);
    expect(browser.links()).toEqual([]);
  });
});

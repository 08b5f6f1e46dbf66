import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aMailSink } from '../support/mail-sink.ts';
import { outboxFolder } from '../support/postgres/outbox-folder.ts';
import { BUNDLE, baseEnv, startServer, temporaryHome } from '../support/server.ts';
import { anEditor, approve, codeOn, MENU, openReview, PAT, PROPOSALS, waiting } from '../support/terminal.ts';
import { testTools, writeConfig } from '../support/tool-server.ts';

const { EMAIL, NOTE } = PROPOSALS;

describe('countersign review', () => {
  it('shows an action in full and approves it by a typed code: proof human, executed once', async () => {
    const { server, home, actions, at } = await waiting([EMAIL]);
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({ code: 'FORBIDDEN' });
    const terminal = openReview(home);
    const [shown] = await terminal.until(/1 waiting in[\s\S]*\[q\]uit >/);
    expect(shown).toMatch(
      /To +│ pat@example.com\n.*From +│[\s\S]*\n.*Subject +│ Hello there\n.*Message +│ Line one\n +│\n +│ Line two/,
    );
    for (const words of ['Follow-up', 'Pat, Example BV', 'contact p', 'Pat looked at prices.', '/pricing'])
      expect(shown).toContain(words);
    terminal.type('a');
    terminal.type((await codeOn(terminal)).toUpperCase());
    await terminal.until('written, not sent');
    await terminal.until('approved 1, rejected 0, skipped 0, still waiting 0');
    expect(await terminal.exit).toBe(0);
    expect(await actions()).toMatchObject([
      {
        status: 'executed',
        decided_via: 'human',
        decided_by: expect.stringMatching(/^\S+ \(countersign review \d+\.\d+\.\d+\)$/),
      },
    ]);
    expect(fs.readdirSync(outboxFolder(home))).toHaveLength(1);
  });

  it('leaves an email to the server that knows the mail server, where the terminal does not', async () => {
    const mail = await aMailSink();
    const home = temporaryHome();
    const env = { COUNTERSIGN_TEST_SMTP: mail.url() };
    const idle = await startServer({ home });
    onTestFinished(() => idle.close());
    const { identity } = await idle.call('save_identity', {
      name: 'Sam',
      email: 'sam@acme.example',
      smtp_url_env: 'COUNTERSIGN_TEST_SMTP',
      gap_seconds: 0,
    });
    const { actions } = await waiting([EMAIL], { identity_id: identity.id }, [PAT], env, home);
    const terminal = openReview(home);
    await terminal.until(/Who does it +│ not this terminal: [\s\S]*COUNTERSIGN_TEST_SMTP/);
    await approve(terminal);
    await terminal.until('approved 1, rejected 0, skipped 0, still waiting 0');
    expect(await terminal.exit).toBe(0);
    await expect.poll(() => mail.mails.length).toBe(1);
    await expect.poll(actions).toMatchObject([{ status: 'executed', decided_via: 'human' }]);
  });

  it.each([
    ['Enter', ''],
    ['y', 'y'],
    ['another code', 'zzzz'],
  ])('decides nothing by %s', async (_, typed) => {
    const { home, actions } = await waiting([NOTE]);
    const terminal = openReview(home);
    await terminal.until(MENU);
    terminal.type('');
    await terminal.until(MENU);
    terminal.type('a');
    const first = await codeOn(terminal);
    terminal.type(typed);
    await terminal.until('Nothing was decided.');
    await terminal.until(MENU);
    terminal.type('a');
    const second = await codeOn(terminal);
    expect(second).not.toBe(first);
    terminal.type(first);
    await terminal.until('not the code');
    await terminal.until(MENU);
    terminal.type('q');
    await terminal.until('approved 0, rejected 0, skipped 0, still waiting 1');
    expect(await terminal.exit).toBe(0);
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
  });

  it('works at a terminal only: from or into a pipe it says so in one line, and decides nothing', async () => {
    const { home, actions } = await waiting([NOTE]);
    const piped = spawnSync(process.execPath, [BUNDLE, 'review'], { env: baseEnv(home), input: 'a\nr\nbecause\n' });
    expect([piped.status, piped.stdout.toString()]).toEqual([1, '']);
    expect(piped.stderr.toString()).toMatch(/^countersign review .*terminal.*\n$/);
    for (const shell of ['yes r | "$NODE" "$BUNDLE" review', '"$NODE" "$BUNDLE" review | cat']) {
      const half = openReview(home, { shell: `${shell}; echo over` });
      const [said] = await half.until(/[\s\S]*over/);
      expect(said).toMatch(/^countersign review .*terminal/);
      expect(said).not.toContain('waiting');
    }
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
  });

  it('rejects with a reason, skips, quits, and sums up', async () => {
    const { home, actions } = await waiting([NOTE, EMAIL, { ...NOTE, params: { body: 'Another' } }]);
    const terminal = openReview(home, { args: ['--agent', 'follow-UP'] });
    await terminal.until(MENU);
    terminal.type('r');
    await terminal.until('Reason');
    terminal.type('');
    await terminal.until(MENU);
    terminal.type('reject');
    await terminal.until('Reason');
    terminal.type('We spoke yesterday');
    await terminal.until('2 of 3');
    await terminal.until(MENU);
    terminal.type('s');
    await terminal.until('3 of 3');
    await terminal.until(MENU);
    terminal.type('q');
    await terminal.until('approved 0, rejected 1, skipped 1, still waiting 2');
    expect(await terminal.exit).toBe(0);
    expect(await actions()).toMatchObject([
      { status: 'rejected', reason: 'We spoke yesterday', decided_via: 'human' },
      { status: 'pending_approval' },
      { status: 'pending_approval' },
    ]);
  });

  it('has the action edited in an editor, loses no invalid edit, and approves what it showed', async () => {
    const { home, actions } = await waiting([EMAIL]);
    const seen = path.join(home, 'seen-by-the-editor');
    const script = `
      const mode = (name) => (fs.statSync(name).mode & 0o777).toString(8);
      fs.appendFileSync(${JSON.stringify(seen)}, mode(file) + ' ' + mode(path.dirname(file)) + '\\n' + text);
      save(text.includes('XX') ? text.replace('XX', 'message') : text.replace('there', 'Pat').replace('> message', '> XX'));`;
    const terminal = openReview(home, { env: anEditor(home, script) });
    await terminal.until(MENU);
    terminal.type('e');
    await terminal.until(/Problem +│ .*params\.message/);
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
    terminal.type('');
    await terminal.until(/Subject +│ Hello Pat/);
    await approve(terminal);
    await terminal.until('approved 1');
    const [action] = await actions();
    expect(action).toMatchObject({ status: 'executed', params: EMAIL.params });
    expect(action.edited_params).toEqual({ ...EMAIL.params, subject: 'Hello Pat' });
    expect(fs.readFileSync(seen, 'utf8')).toMatch(
      /^600 700\n>>> .*\n>>> subject\nHello there\n>>> message\nLine one\n\nLine two\n/,
    );
    expect(fs.readdirSync(terminal.temporary)).toEqual([]);
  });

  it('shows no character that acts on a terminal, from whomever', async () => {
    const acts = '\u001b]0;owned\u0007 \u001b[2J \u009b31m \u202e';
    const { home, server } = await waiting(
      [{ type: 'note', params: { body: `Body ${acts}` } }],
      { name: `Agent ${acts}` },
      [{ id: 'p', firstname: `Pat ${acts}`, company: `Company ${acts}`, plan: `x ${acts}` }],
    );
    const saw = path.join(home, 'saw');
    await server.call('import_contacts', {
      events: [{ type: 'track', event: `Did ${acts}`, userId: 'p', timestamp: '2026-01-05T10:00:00Z' }],
    });
    const terminal = openReview(home, {
      env: anEditor(home, `fs.copyFileSync(file, ${JSON.stringify(saw)}); save('{}')`),
    });
    await terminal.until(MENU);
    terminal.type('e');
    await terminal.until('drops it');
    terminal.type('d');
    await approve(terminal);
    expect(await terminal.exit).toBe(0);
    const written = terminal.raw();
    for (const acting of ['\u001b]', '\u001b[2J', '\u0007', '\u009b', '\u202e']) expect(written).not.toContain(acting);
    expect(written.match(/⟨U\+001B⟩\]0;owned⟨U\+0007⟩/g)?.length).toBeGreaterThanOrEqual(6);
    const edited = fs.readFileSync(saw, 'utf8');
    expect(edited).toMatch(/^[\x20-\x7e\n]*$/);
    expect(JSON.parse(edited)).toEqual({ body: `Body ${acts}` });
  });

  it('says what another decided meanwhile, and goes on', async () => {
    const { home, server, actions, at } = await waiting([NOTE]);
    const terminal = openReview(home);
    await terminal.until(MENU);
    terminal.type('a');
    const code = await codeOn(terminal);
    await server.call('reject_action', { ...at, reason: 'Never' });
    terminal.type(code);
    await terminal.until(/Changed +│ The action is rejected already, by .*test-sdk-1[\s\S]*Never/);
    await terminal.until('approved 0, rejected 0, skipped 0, still waiting 0');
    expect(await actions()).toMatchObject([{ status: 'rejected', reason: 'Never' }]);
  });

  it.each([
    ['as proposed', 'Hello there'],
    ['as edited', 'Edited'],
  ])('shows anew what changed meanwhile, %s', async (_, subject) => {
    const { home, server, actions } = await waiting([EMAIL]);
    const terminal = openReview(home, { env: anEditor(home, "save(text.replace('Hello there', 'Edited'))") });
    await terminal.until(MENU);
    if (subject === 'Edited') {
      terminal.type('e');
      await terminal.until(/Subject +│ Edited/);
      await terminal.until(MENU);
    }
    terminal.type('a');
    const code = await codeOn(terminal);
    await server.call('import_contacts', { contacts: [{ id: 'p', email: 'else@example.com' }] });
    terminal.type(code);
    await terminal.until(/Changed +│ .*nothing was decided/);
    await terminal.until(/To +│ else@example.com/);
    await terminal.until(`Subject   │ ${subject}`);
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
    await approve(terminal);
    await terminal.until('approved 1, rejected 0, skipped 0, still waiting 0');
    const [action] = await actions();
    expect(action).toMatchObject({ status: 'executed', decided_via: 'human' });
    expect(action.edited_params?.subject).toBe(subject === 'Edited' ? 'Edited' : undefined);
  });

  it('has a tool of another server called, as its definition was shown and its arguments were edited', async () => {
    const tools = testTools();
    const home = temporaryHome();
    writeConfig(home, { mcpServers: { crm: tools.entry() } });
    const call = { type: 'mcp_tool', params: { tool: 'send', arguments: { to: 'pat@example.com', text: 'hello' } } };
    const { actions } = await waiting([call], { capabilities: ['mcp:crm'] }, [PAT], {}, home);
    const terminal = openReview(home, { env: anEditor(home, "save(text.replace('hello', 'edited'))") });
    const [shown] = await terminal.until(/To +│ crm\/send[\s\S]*\[q\]uit >/);
    expect(shown).toContain('What its server says of the tool:');
    expect(shown).toContain('│ «Sends a message to one address.»');
    terminal.type('e');
    await terminal.until('"text": "edited"');
    await approve(terminal);
    await terminal.until('approved 1');
    expect(await terminal.exit).toBe(0);
    expect(tools.calls()).toMatchObject([{ name: 'send', args: { text: 'edited' } }]);
    expect(await actions()).toMatchObject([{ status: 'executed', decided_via: 'human' }]);
  });

  it('brings back what can no longer be done, saying why', async () => {
    const { home, server } = await waiting([EMAIL]);
    await server.call('import_contacts', { contacts: [{ id: 'p', do_not_email: true }] });
    const terminal = openReview(home);
    await terminal.until(/Beware +│ .*do_not_email/);
    await approve(terminal);
    await terminal.until(/Returned +│ .*do_not_email/);
    await terminal.until(/Returned +│ .*do_not_email/);
    await terminal.until(MENU);
    terminal.press('\u0004');
    await terminal.until('approved 0, rejected 0, skipped 0, still waiting 1');
    expect(await terminal.exit).toBe(0);
  });
});

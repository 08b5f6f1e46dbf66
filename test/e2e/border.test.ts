import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/help.ts';
import { lapse } from '../support/lapse.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { command } from '../support/served.ts';
import { BUNDLE, startServer, temporaryHome } from '../support/server.ts';

const OF_FILES = onlyJson('a line altered in a file; database-audit.postgres.test.ts alters lines of a database');

/** What the doctor says is wrong with a home, in words. */
function faultsOf(home: string): string {
  const sick = command(home, ['doctor']);
  expect(sick.status, home).toBe(1);
  expect(sick.stderr).not.toContain('    at ');
  return sick.stdout;
}

describe('the border', () => {
  it('survives hostile arguments with typed errors', async () => {
    const server = await startServer();
    let deep: unknown = 1;
    for (let i = 0; i < 200; i++) deep = { a: deep };
    expect(await server.refusal('create_agent', { name: 'x', playbook: { config: { deep } } })).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    expect(
      await server.refusal('import_contacts', { contacts: [JSON.parse('{"id":"1","__proto__":{"x":1}}')] }),
    ).toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(await server.refusal('list_contacts', { filter: { a: { $regex: '(?=x)' } } })).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    expect(await server.refusal('list_agents', { limit: 101 })).toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(await server.refusal('import_contacts', { path: '/etc/passwd' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(
      await server.refusal('create_agent', { name: 'n'.repeat(201), playbook: { playbook_md: 'x' } }),
    ).toMatchObject({ code: 'VALIDATION_ERROR' });
    const contacts: Record<string, string>[] = [
      { id: 'odd', firstname: 'ab\u0000\u202e', constructor: 'own' },
      { id: 'half', firstname: 'a\ud800b' },
    ];
    expect(await server.call('import_contacts', { contacts })).toMatchObject({ created: 1, errors: [{ row: 2 }] });
    expect((await server.call('get_contact', { contact_id: 'odd' })).contact).toMatchObject({
      firstname: 'ab\u0000\u202e',
      constructor: 'own',
    });
    expect(await server.call('list_agents', { offset: 50 })).toMatchObject({ agents: [], total: 0, has_next: false });
    await server.close();
  });

  it('offers only the toolsets asked for, and only reading where it is told so', async () => {
    const some = await startServer({
      env: {
        COUNTERSIGN_TOOLSETS: 'agents, review',
        COUNTERSIGN_READ_ONLY: '1',
        COUNTERSIGN_MIN_PROOF: '${user_config.min_proof}',
      },
    });
    expect((await some.tools()).map((tool) => tool.name)).toEqual([
      'list_agents',
      'get_agent',
      'list_templates',
      'list_pending_actions',
      'list_identities',
    ]);
    await some.close();
  });

  it.each(['nope', 'Agents'])('does not start with the toolset %s, which has no tools', (name) => {
    const { status, stderr } = spawnSync(process.execPath, [BUNDLE], {
      env: { ...process.env, COUNTERSIGN_TOOLSETS: `agents,${name}` },
      input: '',
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toBe(
      `COUNTERSIGN_TOOLSETS names ${name}; this build has tools in agents, runs, review, contacts, chat, insights, transfer only.\n`,
    );
  });

  it('shows two processes each other’s work, and resumes a run whose process was killed', async () => {
    const [one, two] = await Promise.all([startServer(), startServer()]);
    await two.close();
    const other = await startServer({ home: one.home });
    await one.call('import_contacts', { contacts: Array.from({ length: 10_000 }, (_, i) => ({ id: `c${i}` })) });
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: '{{ contact.id }}' } }] }];
    const { agent } = await other.call('create_agent', {
      name: 'Long',
      capabilities: ['notes'],
      playbook: { rules },
      monitoring: { max_contacts_per_run: 10_000 },
    });
    const run = await one.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0 });
    if (one.pid !== undefined) process.kill(one.pid, 'SIGKILL');
    await lapse(one.home);
    const next = await startServer({ home: one.home });
    await expect
      .poll(async () => {
        const shown = { run_id: run.run_id, mode: 'summary', wait_seconds: 10 };
        return (await next.call('get_run', shown)).run.summary;
      })
      .toMatchObject({ contacts_evaluated: 10_000, actions_proposed: 10_000, actions_pending_approval: 10_000 });
    await Promise.all([other.close(), next.close()]);
  });

  it('has a doctor that tells a whole home', async () => {
    const server = await startServer();
    await server.call('save_identity', { name: 'Sam', email: 's@x.example', smtp_url_env: 'COUNTERSIGN_NO_SMTP' });
    await server.close();
    const { status, stdout } = command(server.home, ['doctor']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/warning: identity "Sam".*COUNTERSIGN_NO_SMTP/);
  });

  OF_FILES.it('has a doctor that tells a damaged home', async () => {
    const server = await startServer();
    for (const name of ['A', 'B', 'C']) await server.call('create_agent', { name, playbook: { playbook_md: 'x' } });
    await server.close();
    const [name = ''] = fs.readdirSync(path.join(server.home, 'log'));
    const file = path.join(server.home, 'log', name);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"name":"A"', '"name":"Z"'));
    const sick = command(server.home, ['doctor']);
    expect(sick.status).toBe(1);
    expect(sick.stdout).toContain(file);
    const refused = await startServer({ home: server.home });
    expect(await refused.refusal('list_agents')).toMatchObject({ code: 'STORE_ERROR' });
    await refused.close();
  });

  it('says what is wrong with a home that can’t be or be written, in a database too, and ends', () => {
    const file = path.join(temporaryHome(), 'file');
    fs.writeFileSync(file, '');
    for (const home of [file, path.join(file, 'x'), '/proc', '/proc/nope'])
      expect(faultsOf(home)).toMatch(/^fault: .* failed \(\w+ at .*set COUNTERSIGN_HOME to a/m);
  });

  it('prints help and version, and refuses what it does not know', () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [BUNDLE, ...args]);
    expect(run('--version').stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run('--help').stdout.toString()).toContain('doctor');
    for (const name of COMMANDS.keys())
      for (const args of [
        [name, '--help'],
        [name, 'x', '-h'],
        ['help', name],
      ]) {
        const { status, stdout, stderr } = run(...args);
        expect([args, status, stderr.toString()]).toEqual([args, 0, '']);
        expect(stdout.toString()).toMatch(new RegExp(`^countersign ${name}\\b`));
      }
    expect(run('nope', '--help').status).toBe(1);
    for (const command of ['review', 'nope']) expect(run(command).status).toBe(1);
  });
});

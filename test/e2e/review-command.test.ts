import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { terminalCommand } from '../../src/process/terminal-command.ts';
import { NOTE, waits } from '../support/person.ts';
import { BUNDLE, baseEnv, startServer } from '../support/server.ts';

const STARTED = { execPath: '/usr/bin/node', argv: ['node', '/opt/cs/countersign.js'], platform: 'linux' as const };

/** The ways that a refusal of this server names. */
async function waysIn(home: string, env: Record<string, string> = {}): Promise<string[]> {
  const server = await startServer({ home, env });
  onTestFinished(() => server.close());
  await server.call('import_contacts', { contacts: [{ id: 'p', email: 'p@example.com' }] });
  const { at } = await waits(server, NOTE, {}, 'assistant');
  const { details } = await server.refusal('approve_action', await server.shown(at));
  return JSON.parse(JSON.stringify(details?.ways));
}

describe('the command that a refusal names', () => {
  it('starts the review of that very home as it stands, wherever and in whatever environment it is typed', async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "cs it's a home "));
    const [desk, way = ''] = await waysIn(home);
    expect(desk).toBe('open_desk');
    expect(way).toBe(`${process.execPath} ${BUNDLE} review --home '${home.replace("'", "'\\''")}'`);
    const env = { PATH: '/usr/bin:/bin', HOME: os.homedir() };
    const typed = (command: string) => spawnSync('sh', ['-c', command], { env, cwd: '/', encoding: 'utf8' });
    expect(typed(way)).toMatchObject({ status: 1, stderr: expect.stringContaining('works in a terminal only') });
    expect(typed(way.replace(' review ', ' doctor ')).stdout).toContain(`home: ${home}\n`);
  });

  it('has no home where it is the usual one, and is quoted as the platform wants it', () => {
    const usual = JSON.parse(
      spawnSync(process.execPath, [BUNDLE, 'doctor'], { env: withoutHome(), encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => line.startsWith('home: '))
        .map((line) => JSON.stringify(line.slice('home: '.length)))[0] ?? '""',
    );
    expect(terminalCommand('review', { env: {}, home: usual }, STARTED)).toBe(
      '/usr/bin/node /opt/cs/countersign.js review',
    );
    expect(terminalCommand('review', { env: {}, home: '/a $HOME' }, STARTED)).toBe(
      "/usr/bin/node /opt/cs/countersign.js review --home '/a $HOME'",
    );
    const windows = { ...STARTED, execPath: 'C:\\Program Files\\nodejs\\node.exe', platform: 'win32' as const };
    expect(terminalCommand('review', { env: {}, home: 'D:\\cs' }, windows)).toBe(
      '"C:\\Program Files\\nodejs\\node.exe" /opt/cs/countersign.js review --home D:\\cs',
    );
  });

  it('is not named where a bundle started the server: its Node and its files are the client’s own', async () => {
    const { server } = JSON.parse(fs.readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8'));
    const { COUNTERSIGN_BUNDLE } = server.mcp_config.env;
    expect(await waysIn(fs.mkdtempSync(path.join(os.tmpdir(), 'cs-')), { COUNTERSIGN_BUNDLE })).toEqual(['open_desk']);
  });

  it('needs a folder after --home', () => {
    const { status, stderr } = spawnSync(process.execPath, [BUNDLE, 'review', '--home'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('--home takes a folder')]);
  });
});

function withoutHome(): Record<string, string> {
  const { COUNTERSIGN_HOME: _, ...env } = baseEnv('');
  return env;
}

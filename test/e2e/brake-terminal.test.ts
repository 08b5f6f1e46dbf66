import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ASSISTANT_VARIABLES } from '../../src/commands/assistant-shells.ts';
import { BUNDLE, baseEnv, startServer, temporaryHome } from '../support/server.ts';
import { approve, codeOn, openReview, PROPOSALS, waiting } from '../support/terminal.ts';

function run(home: string, args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...args], {
    env: baseEnv(home, env),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('countersign pause and resume', () => {
  it('stop a server that runs on the same home, and let it go on', async () => {
    const { server, home, actions } = await waiting([PROPOSALS.EMAIL]);
    const paused = run(home, ['pause', 'A', 'customer', 'complained']);
    expect([paused.status, paused.stderr]).toEqual([0, '']);
    expect(paused.stdout).toMatch(/The brake is on[\s\S]*put on by \S+ \(countersign pause .*A customer complained/);
    expect(run(home, ['pause'])).toMatchObject({ status: 0, stdout: expect.stringContaining('was on already') });
    expect((await server.call('list_agents')).notice).toMatch(/^The brake is on .*A customer complained/);
    expect(run(home, ['doctor'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/warning: The brake is on/),
    });

    const review = openReview(home);
    await review.until('The brake is on');
    await approve(review);
    await review.until('Approved');
    await review.until('approved 1');
    expect(await review.exit).toBe(0);
    expect(await actions()).toMatchObject([{ status: 'approved', decided_via: 'human' }]);

    const resume = openReview(home, { command: 'resume' });
    const [screen] = await resume.until(/The brake is on[\s\S]*go ahead/);
    expect(screen).toMatch(/Because +│ A customer complained[\s\S]*1 email/);
    resume.type('zzzz');
    await resume.until('not the code');
    expect(await resume.exit).toBe(1);
    expect((await server.call('list_agents')).notice).toContain('The brake is on');

    const again = openReview(home, { command: 'resume' });
    again.type(await codeOn(again));
    await again.until('The brake is off');
    expect(await again.exit).toBe(0);
    await expect.poll(actions, { timeout: 30_000 }).toMatchObject([{ status: 'executed' }]);
    const log = run(home, ['audit', '--export', 'jsonl'])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(log.map(({ decision, via }) => [decision, via])).toEqual([
      ['paused', 'client'],
      ['approved', 'human'],
      ['resumed', 'human'],
    ]);
    expect(log.at(-1).client).toMatch(/^countersign resume /);
  });

  it('resume works at a terminal only, says so where the brake is off, and leaves it as it is when the person goes', async () => {
    const home = temporaryHome();
    const off = openReview(home, { command: 'resume' });
    await off.until('The brake is off');
    expect(await off.exit).toBe(0);
    run(home, ['pause']);
    expect(run(home, ['resume'])).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('terminal') });
    const leaving = openReview(home, { command: 'resume' });
    await codeOn(leaving);
    leaving.press('\u0003');
    expect(await leaving.exit).toBe(130);
    expect(run(home, ['doctor']).stdout).toContain('The brake is on');
  });

  it('change nothing where COUNTERSIGN_READ_ONLY is set', async () => {
    const home = temporaryHome();
    const env = { COUNTERSIGN_READ_ONLY: '1' };
    expect(run(home, ['pause'], env)).toMatchObject({ status: 1, stderr: expect.stringContaining('READ_ONLY') });
    const server = await startServer({ home, env });
    expect((await server.tools()).map(({ name }) => name)).not.toContain('set_brake');
    await server.close();
  });
});

describe('the shell of an assistant', () => {
  it.each(['CLAUDECODE', 'GEMINI_CLI', 'CODEX_SANDBOX', 'CURSOR_AGENT', 'AGENT'])(
    'known by %s may put the brake on, and gets no code to type',
    async (variable) => {
      expect(ASSISTANT_VARIABLES).toContain(variable);
      const home = temporaryHome();
      const env = { [variable]: '1' };
      expect(run(home, ['pause', 'Stop'], env).status).toBe(0);
      for (const [command, args] of Object.entries({ resume: [], review: [], consent: ['pat@example.com'] })) {
        const terminal = openReview(home, { command, args, env });
        const [told] = await terminal.until(/takes a person's word[\s\S]*no wall/);
        expect(told).toMatch(/their own[\s\S]*terminal/);
        expect(await terminal.exit).toBe(1);
        expect(terminal.raw()).not.toContain(variable);
      }
      expect(run(home, ['doctor']).stdout).toContain('The brake is on');
    },
  );

  it('isn’t taken for one where the variable says no', async () => {
    const terminal = openReview(temporaryHome(), { env: { AGENT: '0', CLAUDECODE: '' } });
    await terminal.until('Nothing waits');
    expect(await terminal.exit).toBe(0);
  });
});

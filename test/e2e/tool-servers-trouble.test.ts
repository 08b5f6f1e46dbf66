import fs from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createToolServers } from '../../src/net/tools/servers.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { closedUrl, offerOf, problemOf, servers, toolOf } from '../support/tool-pool.ts';
import { isRunning, testTools, writeConfig } from '../support/tool-server.ts';

describe('servers that can’t be asked', () => {
  it('say why not', async () => {
    const pool = servers(
      {
        missing: { command: 'no-such-program-anywhere' },
        mute: { ...testTools().entry('mute'), startup_timeout_sec: 0.5 },
        neither: { args: [] },
        off: { ...testTools().entry(), disabled: true },
        odd: { type: 'carrier-pigeon', url: 'http://127.0.0.1:1/' },
        closed: { url: await closedUrl() },
        crashes: { command: process.execPath, args: ['-e', 'process.exit(1)'] },
      },
      { answerMs: 20_000 },
    );
    const offers = await pool.ask(['missing', 'mute', 'neither', 'off', 'odd', 'closed', 'crashes', 'nobody'], 0);
    const problems = Object.fromEntries(
      [...offers].map(([name, offer]) => [name, 'problem' in offer && offer.problem]),
    );
    expect(problems).toEqual({
      missing: expect.stringContaining('its command "no-such-program-anywhere" wasn\'t found'),
      mute: expect.stringMatching(/^it didn't answer within 0\.5 s and is still starting: .* startup_timeout_sec/),
      neither: 'mcpServers.neither has neither a command nor a url',
      off: 'mcpServers.off is disabled',
      odd: expect.stringContaining('"carrier-pigeon" isn\'t known'),
      closed: "it can't be reached (ECONNREFUSED)",
      crashes: 'it ended before it answered',
      nobody: expect.stringMatching(/config\.json has no such entry under mcpServers: it lists missing, mute/),
    });
  });
});

describe('a server that starts slowly', () => {
  it('goes on starting, and is there for whoever asks next', async () => {
    const tools = testTools();
    const { command, args, env } = tools.entry();
    const signal = `${tools.folder}/go`;
    const line = `until [ -e "${signal}" ]; do sleep 0.1; done; exec "${String(command)}" "${String(args)}"`;
    const pool = servers({ crm: { command: 'sh', args: ['-c', line], env, startup_timeout_sec: 0.5 } });
    expect(await problemOf(pool, 'crm')).toContain('is still starting');
    expect('problem' in ((await offerOf(pool, 'crm', 60_000)) ?? {})).toBe(true);
    fs.writeFileSync(signal, '');
    await expect.poll(() => offerOf(pool, 'crm', 60_000)).toHaveProperty('tools');
    expect(tools.started()).toHaveLength(1);
  });
});

it('what a server writes on stderr is ours to log, at debug', async () => {
  const tools = testTools();
  const home = aHome();
  writeConfig(home, { mcpServers: { crm: tools.entry('noisy') } });
  const deps = testDeps(home);
  const debug = vi.fn();
  const pool = createToolServers({ ...deps, log: { ...deps.log, debug } });
  onTestFinished(() => pool.close());
  await pool.ask(['crm'], 0);
  const line = { server: 'crm', line: 'a line on stderr' };
  // It comes by another pipe than the answer, before or after it.
  await expect.poll(() => debug.mock.calls).toContainEqual([line, 'an MCP server wrote on stderr']);
});

describe('the end of this process', () => {
  it.each(['', 'stubborn', 'mute'])('takes every child with it (%s)', async (ways) => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry(ways) }, { answerMs: 30_000 });
    const asking = pool.ask(['crm'], 0);
    if (ways === 'mute') await expect.poll(() => tools.running()).toHaveLength(1);
    else await asking;
    expect(tools.running()).toHaveLength(1);
    // The pool's clock stands still but for these steps: one that ends by itself needs none, and the others are made to
    // end before a second and a half of that clock, however slow the machine is.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const closing = pool.close();
    if (ways !== '') await vi.advanceTimersByTimeAsync(1_500);
    await closing;
    vi.useRealTimers();
    await expect.poll(() => tools.running()).toEqual([]);
    expect(await asking).toBeDefined();
    expect(await offerOf(pool, 'crm')).toEqual({ problem: 'Countersign is ending' });
  });

  it('takes what a wrapper started with it', async () => {
    const tools = testTools();
    const { command, args, env } = tools.entry('stubborn');
    const line = `"${String(command)}" "${String(args)}"; true`;
    const pool = servers({ crm: { command: 'sh', args: ['-c', line], env } });
    await toolOf(pool, 'crm', 'send');
    const [pid = 0] = tools.running();
    expect(isRunning(pid)).toBe(true);
    await pool.close();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('leaves a call under way unanswered', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() });
    const tool = await toolOf(pool, 'crm', 'hang');
    const calling = pool.call({ server: 'crm', tool, args: {}, idempotency_key: 'k' });
    await expect.poll(() => tools.calls()).toHaveLength(1);
    await pool.close();
    expect(await calling).toEqual({ outcome: 'unanswered', text: 'Countersign ended before it answered' });
    await expect.poll(() => tools.running()).toEqual([]);
  });
});

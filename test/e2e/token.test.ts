import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aSession, initialize, listTools, post } from '../support/http-wire.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { command, serve } from '../support/served.ts';

const token = (home: string, ...args: string[]) => command(home, ['token', ...args]);
const idOf = (text: string) => text.split('_')[1] ?? '';
const kept = (home: string, text: string) =>
  JSON.parse(fs.readFileSync(path.join(home, 'tokens', `${idOf(text)}.json`), 'utf8'));

const OF_FILES = onlyJson(
  'tokens in files; on PostgreSQL they are in a table, of which shared-tokens.postgres.test.ts tells',
);

describe('a token', () => {
  OF_FILES.it('is listed without its secret, and is over once revoked or once its days are', async () => {
    const served = await serve();
    const { home, url } = served;
    const [one, two] = [served.token('Zoe', '--role', 'member'), served.token('Ben', '--days', '1')];
    const { stdout } = token(home, 'list');
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      expect.stringMatching(new RegExp(`^${idOf(one)} · Zoe · member of team 1 · .* · in force$`)),
      expect.stringMatching(new RegExp(`^${idOf(two)} · Ben · .* · until 20`)),
    ]);
    expect(stdout).not.toContain(one.slice(-20));
    expect(token(home, 'revoke', idOf(one)).status).toBe(0);
    await expect.poll(async () => (await post(url, one, initialize())).status).toBe(401);
    const past = { ...kept(home, two), expires_at: new Date(Date.now() - 1_000).toISOString() };
    fs.writeFileSync(path.join(home, 'tokens', `${idOf(two)}.json`), JSON.stringify(past));
    await expect.poll(async () => (await post(url, two, initialize())).status).toBe(401);
    expect(token(home, 'list').stdout).toMatch(/revoked 20.*\n.*over since 20/);
  });

  it('stands in no log, whatever the level', async () => {
    const { url, token: made, said } = await serve({ env: { COUNTERSIGN_LOG: 'trace' } });
    const mine = made();
    const id = await aSession(url, mine);
    await post(url, mine, listTools, { 'mcp-session-id': id });
    await post(url, `${mine}x`, listTools);
    await post(url, mine, '{"broken');
    expect(said()).not.toContain(mine);
    expect(said()).not.toContain(id);
  });
});

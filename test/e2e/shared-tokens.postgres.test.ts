import { describe, expect, it } from 'vitest';
import { aSession, initialize, listTools, post } from '../support/http-wire.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { command, serve, tokenIn } from '../support/served.ts';
import { temporaryHome } from '../support/server.ts';

const idOf = (text: string) => text.split('_')[1] ?? '';

describe('a token of a home in a database', () => {
  it('that is made on one machine counts at a server on another, until it is revoked on a third', async () => {
    const home = temporaryHome();
    const env = { COUNTERSIGN_DATABASE_URL: databaseUrlOf(home) };
    const [one, two] = [await serve({ home }), await serve({ home: temporaryHome(), env })];
    const mine = tokenIn(home);
    for (const { url } of [one, two]) expect((await post(url, mine, initialize())).status).toBe(200);
    const session = await aSession(two.url, mine);
    const third = temporaryHome();
    expect(command(third, ['token', 'list'], env).stdout).toContain(`${idOf(mine)} · zoe · admin of team 1`);
    const revoked = command(third, ['token', 'revoke', idOf(mine)], env);
    expect([revoked.status, revoked.stderr]).toEqual([0, expect.stringContaining('is revoked')]);
    for (const { url } of [one, two])
      await expect.poll(async () => (await post(url, mine, initialize())).status).toBe(401);
    expect((await post(two.url, mine, listTools, { 'mcp-session-id': session })).status).toBe(401);
    expect(command(third, ['token', 'list'], env).stdout).toMatch(/revoked 20/);
  });
});

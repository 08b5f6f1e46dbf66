import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { deskScene } from '../support/desk-scene.ts';
import type { DeskPage, DeskServer } from '../support/desk-server.ts';

/** A page with its stream open: what it heard so far, and whether the stream ended. */
function listening(page: DeskPage) {
  const heard: string[] = [];
  const over = new AbortController();
  const ended = (async () => {
    for await (const event of page.listen(over.signal)) heard.push(event);
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  const changes = () => heard.filter((event) => event.startsWith('event: changed')).length;
  return { ended, changes, stop: () => over.abort() };
}

function fileOf({ home }: DeskServer, token: string): string {
  return path.join(home, 'tokens', `${token.split('_')[1]}.json`);
}

describe('a token’s file that is damaged', () => {
  it('ends the desk of whoever holds it, and nobody else’s', async () => {
    const on = await deskScene();
    const [mine, other] = [on.token({ name: 'Kim' }), on.token({ name: 'Lee', person: 'p_lee' })];
    const [kim, lee, owner] = [await on.open(mine), await on.open(other), await on.open()];
    const [kims, lees, owners] = [kim, lee, owner].map(listening);
    if (!kims || !lees || !owners) throw new Error('three should listen');
    for (const stream of [kims, lees, owners]) await expect.poll(stream.changes).toBeGreaterThan(0);
    fs.writeFileSync(fileOf(on, mine), '{');
    on.clock.ahead += 1_000;
    await kims.ended;
    const refused = await kim.get('/desk/me');
    expect(refused).toMatchObject({ status: 503, json: { error: { code: 'STORE_ERROR' } } });
    expect(refused.text).not.toContain(on.home);
    const before = [lees.changes(), owners.changes()];
    await on.propose(['ann']);
    await expect.poll(lees.changes).toBeGreaterThan(before[0] ?? 0);
    await expect.poll(owners.changes).toBeGreaterThan(before[1] ?? 0);
    expect((await lee.get('/desk/me')).status).toBe(200);
    expect((await owner.get('/desk/queue')).json.total_waiting).toBe(1);
    expect((await on.send('POST', '/desk/entry', { authorization: `Bearer ${mine}` }, {})).status).toBe(503);
    lees.stop();
    owners.stop();
    await Promise.all([lees.ended, owners.ended]);
  });

  it('lets its holder in again once it is whole', async () => {
    const on = await deskScene();
    const token = on.token({ name: 'Kim' });
    const kim = await on.open(token);
    const whole = fs.readFileSync(fileOf(on, token));
    fs.writeFileSync(fileOf(on, token), 'null');
    on.clock.ahead += 1_000;
    expect((await kim.get('/desk/me')).status).toBe(503);
    fs.writeFileSync(fileOf(on, token), whole);
    on.clock.ahead += 1_000;
    expect((await kim.get('/desk/me')).json.person.name).toBe('Kim');
  });
});

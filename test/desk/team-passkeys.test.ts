import { describe, expect, it } from 'vitest';
import { removePasskey } from '../../src/engine/passkeys/enrol.ts';
import { softPasskey } from '../support/authenticator.ts';
import { type DeskScene, deskScene } from '../support/desk-scene.ts';
import type { DeskPage } from '../support/desk-server.ts';

/** The page that `countersign passkey add URL` opens for whoever holds a token. */
async function addingPage(on: DeskScene, token: string, passkey: object = { name: 'Work key' }) {
  const entry = await on.send('POST', '/desk/entry', { authorization: `Bearer ${token}` }, { passkey });
  expect(entry.status).toBe(200);
  return on.enter(entry.json.ticket);
}

async function add(on: DeskScene, page: DeskPage, soft = softPasskey()) {
  const options = await page.post('/desk/passkeys/options', { name: 'Work key' });
  if (options.status !== 200) return { soft, answer: options };
  const response = soft.create(options.json, { origin: on.url });
  return { soft, answer: await page.post('/desk/passkeys', { name: 'Work key', response, demand_signed: false }) };
}

describe('a passkey of one of a team', () => {
  it('comes by the button, also on the page that their token opened for it', async () => {
    const on = await deskScene();
    const { page, entry } = await addingPage(on, on.token({ name: 'Kim', person: 'p_kim' }));
    expect(entry).toMatchObject({ kind: 'passkey', name: 'Work key' });
    const { answer } = await add(on, page);
    expect(answer.json).toMatchObject({ passkeys: [{ name: 'Work key', by_button: true }] });
    const kims = await on.open(on.token({ name: 'Kim', person: 'p_kim' }));
    expect((await kims.get('/desk/me')).json.passkeys).toMatchObject([{ name: 'Work key', by_button: true }]);
    expect((await (await on.open()).get('/desk/me')).json.passkeys).toEqual([]);
  });

  it('comes once so: whoever has the token alone puts none in the place of one that was removed', async () => {
    const on = await deskScene();
    const token = on.token({ name: 'Kim', person: 'p_kim' });
    const { page } = await addingPage(on, token);
    const { soft } = await add(on, page);
    const { challenge } = (await page.post('/desk/prompt', { decision: 'remove_passkey', id: soft.id })).json;
    const assertion = soft.get({ challenge }, { origin: on.url });
    expect((await page.post('/desk/passkeys/remove', { id: soft.id, assertion })).json.passkeys).toEqual([]);
    const again = await addingPage(on, token);
    expect((await add(on, again.page)).answer.status).toBe(403);
  });

  it('that is lost is taken away by the home’s owner, and then another one comes by the button', async () => {
    const on = await deskScene();
    const token = on.token({ name: 'Kim', person: 'p_kim' });
    const { soft } = await add(on, (await addingPage(on, token)).page);
    await removePasskey(on.house, { user: 'maya', client: 'countersign passkey 1' }, { id: soft.id, via: 'human' });
    const { page } = await addingPage(on, token);
    expect((await page.get('/desk/me')).json).toMatchObject({ passkeys: [], may_enrol: true });
    expect((await add(on, page)).answer.json).toMatchObject({ passkeys: [{ by_button: true }] });
  });

  it('takes a name as every passkey does, and a person who may approve', async () => {
    const on = await deskScene();
    const token = on.token({ name: 'Kim', scopes: ['agents:read'] });
    const authorization = `Bearer ${token}`;
    const tooLong = await on.send('POST', '/desk/entry', { authorization }, { passkey: { name: 'x'.repeat(61) } });
    expect(tooLong.status).toBe(400);
    const { page } = await addingPage(on, token, {});
    expect((await add(on, page)).answer.status).toBe(403);
  });
});

import { describe, expect, it } from 'vitest';
import { removePasskey } from '../../src/engine/passkeys/enrol.ts';
import { softPasskey } from '../support/authenticator.ts';
import { deskScene } from '../support/desk-scene.ts';
import { signingPage } from '../support/desk-signing.ts';

describe('a passkey', () => {
  it('is made by the button once, and the next by one that is there', async () => {
    const { on, page, answer, soft } = await signingPage();
    const second = softPasskey('EdDSA');
    const { json } = await page.post('/desk/passkeys/options', {});
    expect(json.excludeCredentials).toMatchObject([{ id: soft.id }]);
    const response = second.create(json, { origin: on.url });
    const add = (more: object = {}) =>
      page.post('/desk/passkeys', { name: 'Second', response, demand_signed: false, ...more });
    expect((await add()).status).toBe(403);
    const prompt = (await page.post('/desk/prompt', { decision: 'add_passkey', response })).json;
    const added = await add({ assertion: answer(prompt.challenge) });
    expect(added.json.passkeys).toMatchObject([{ name: 'My key' }, { name: 'Second' }]);
    expect((await add()).status).toBe(409);
    expect((await page.get('/desk/passkeys')).json.passkeys).toHaveLength(2);
  });

  it('stays its person’s own for whoever drives the browser: no click removes it, and no other comes in its place', async () => {
    const { on, page, soft, answer } = await signingPage();
    const enrol = async (who: typeof page) => {
      const options = await who.post('/desk/passkeys/options', { name: 'Theirs' });
      if (options.status !== 200) return options;
      const response = softPasskey().create(options.json, { origin: on.url });
      return who.post('/desk/passkeys', { name: 'Theirs', response, demand_signed: false });
    };
    const clicked = await page.post('/desk/passkeys/remove', { id: soft.id });
    expect(clicked).toMatchObject({ status: 403, json: { error: { details: { needed: 'signed' } } } });
    expect((await enrol(page)).status).toBe(403);
    const { challenge } = (await page.post('/desk/prompt', { decision: 'remove_passkey', id: soft.id })).json;
    await page.post('/desk/passkeys/remove', { id: soft.id, assertion: answer(challenge) });
    expect((await page.get('/desk/me')).json).toMatchObject({ passkeys: [], may_enrol: false });
    expect((await enrol(page)).status).toBe(403);
  });

  it('by the command’s page is made while the person who typed it is there, and once', async () => {
    const on = await deskScene();
    const [page, late] = [await on.open(undefined, 'passkey'), await on.open(undefined, 'passkey')];
    const soft = softPasskey();
    const add = async (who: typeof page, made = soft) => {
      const options = await who.post('/desk/passkeys/options', { name: 'Mine' });
      if (options.status !== 200) return options;
      const response = made.create(options.json, { origin: on.url });
      return who.post('/desk/passkeys', { name: 'Mine', response, demand_signed: false });
    };
    expect((await add(page)).json).toMatchObject({ passkeys: [{ by_button: false }] });
    expect((await add(late, softPasskey())).status).toBe(403);
    const by = { user: 'owner', client: 'countersign passkey' };
    await removePasskey(on.house, by, { id: soft.id, via: 'human' });
    on.clock.ahead += 16 * 60_000;
    expect((await add(page, softPasskey())).status).toBe(403);
    expect((await add(await on.open(), softPasskey())).status).toBe(403);
    expect((await add(await on.open(undefined, 'passkey'), softPasskey())).status).toBe(200);
  });

  it('isn’t made for another site, by another page’s answer, or without the person', async () => {
    const on = await deskScene();
    const [page, other] = [await on.open(), await on.open()];
    const { json } = await page.post('/desk/passkeys/options', { name: 'x' });
    const soft = softPasskey();
    for (const [what, who, response, status] of [
      ['another origin', page, soft.create(json, { origin: 'http://localhost:1' }), 403],
      ['another site', page, soft.create(json, { origin: on.url, rpId: 'evil.example' }), 403],
      ['nobody verified', page, soft.create(json, { origin: on.url, flags: 0x41 }), 403],
      ['another page', other, soft.create(json, { origin: on.url }), 409],
      ['nothing', page, {}, 400],
    ] as const) {
      const refused = await who.post('/desk/passkeys', { name: 'x', response, demand_signed: false });
      expect([what, refused.status]).toEqual([what, status]);
    }
    expect((await page.get('/desk/passkeys')).json).toMatchObject({ passkeys: [], may_enrol: true });
  });

  it('is its person’s own: another one of the team has none of it', async () => {
    const { on } = await signingPage();
    const kim = await on.open(on.token({ name: 'Kim', person: 'p_kim' }));
    expect((await kim.get('/desk/passkeys')).json).toMatchObject({ passkeys: [] });
  });
});

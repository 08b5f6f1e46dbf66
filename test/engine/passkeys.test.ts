import { describe, expect, it } from 'vitest';
import { keyDigest } from '../../src/domain/decisions/signed-proof.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { limitedHouse } from '../../src/engine/base/limited-house.ts';
import {
  addPasskey,
  mayEnrol,
  passkeysOf,
  passkeysOfOthers,
  personHandle,
  removePasskey,
  signersOf,
} from '../../src/engine/passkeys/enrol.ts';
import { softPasskey } from '../support/authenticator.ts';
import { MAYA, SigningHome, signed, teammate } from '../support/signing.ts';

const FORBIDDEN = { code: 'FORBIDDEN' };
const own = (home: SigningHome, by = MAYA) => home.house.read((view) => passkeysOf(view, by));
const remove = (home: SigningHome, id: string, proof?: ReturnType<typeof signed>) =>
  removePasskey(home.house, MAYA, proof ? { id, via: 'signed', proof } : { id, via: 'human' });
const INTERNAL = { code: 'INTERNAL' };
const committed = (home: SigningHome, ...events: Event[]) => home.house.commit(MAYA, () => ({ events, value: 0 }));

describe('passkeys', () => {
  it('begin with one by a ticket; others are signed for by one that is there', async () => {
    const home = new SigningHome();
    expect(await own(home)).toEqual({ passkeys: [], signing: false, may_enrol: true });
    const first = await home.enrol();
    await expect(home.enrol()).rejects.toMatchObject(FORBIDDEN);
    await expect(home.enrol(MAYA, {}, 'button')).rejects.toMatchObject(FORBIDDEN);
    await expect(home.enrol(MAYA, { by: softPasskey() })).rejects.toMatchObject(FORBIDDEN);
    const second = await home.enrol(MAYA, { by: first });
    const { passkeys } = await own(home);
    expect(passkeys.map(({ id, name, by_button }) => [id, name, by_button])).toEqual([
      [first.id, 'Laptop', false],
      [second.id, 'Laptop', false],
    ]);
    const entries = await home.entries();
    expect(entries.map(({ decision, via, passkey }) => [decision, via, passkey?.public_key])).toEqual([
      ['passkey_added', 'human', first.publicKey],
      ['passkey_added', 'signed', second.publicKey],
    ]);
    expect(await home.faults()).toEqual([]);
  });

  it('come by the button once, which is said', async () => {
    const home = new SigningHome();
    const soft = await home.enrol(MAYA, {}, 'button');
    expect((await own(home)).passkeys).toMatchObject([{ by_button: true }]);
    await remove(home, soft.id);
    expect(await own(home)).toMatchObject({ passkeys: [], may_enrol: false });
    await expect(home.enrol(MAYA, {}, 'button')).rejects.toThrow('works once');
    await home.enrol(MAYA, {}, 'ticket');
    expect((await home.entries())[0]).toMatchObject({ decision: 'passkey_added', passkey: { how: 'button' } });
  });

  it('are one person’s alone: nobody else sees them, or has the same', async () => {
    const home = new SigningHome();
    const soft = await home.enrol();
    const bo = teammate('p_bo', { role: 'member' });
    const house = limitedHouse(home.house, bo);
    expect(await house.read((view) => passkeysOf(view, bo).passkeys)).toEqual([]);
    expect(await house.read((view) => view.decisions('000000000001'))).toEqual([]);
    await expect(home.enrol(bo, { soft })).rejects.toMatchObject({ code: 'CONFLICT' });
    const args = { name: 'Mine', credential: soft.credential(), how: 'ticket' as const, demand_signed: false };
    await expect(addPasskey(house, bo, args)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(removePasskey(house, bo, { id: soft.id, via: 'human' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await home.enrol(bo);
    expect(await home.faults()).toEqual([]);
  });

  it('of one of a team are taken away by the home’s owner alone, by hand, while nothing has to be signed', async () => {
    const home = new SigningHome();
    const [bo, kim] = [teammate('p_bo'), teammate('p_kim')];
    const soft = await home.enrol(bo, {}, 'button');
    const others = (by: typeof bo) => home.house.read((view) => passkeysOfOthers(view, by));
    expect(await others(MAYA)).toMatchObject([{ id: soft.id, person: 'p_bo' }]);
    expect(await others(kim)).toEqual([]);
    await expect(removePasskey(home.house, kim, { id: soft.id, via: 'human' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const mine = await home.enrol();
    const proof = signed(mine, 'remove_passkey', keyDigest(soft.publicKey));
    await expect(remove(home, soft.id, proof)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await home.enrol(MAYA, { by: mine, demand_signed: true });
    await expect(remove(home, soft.id)).rejects.toMatchObject(FORBIDDEN);
    expect(await own(home, bo)).toMatchObject({ passkeys: [{ id: soft.id }] });
    expect(await home.faults()).toEqual([]);
  });

  it('of one of a team come by the button again, once the home’s owner took the lost one away', async () => {
    const home = new SigningHome();
    const bo = teammate('p_bo');
    await remove(home, (await home.enrol(bo, {}, 'button')).id);
    expect(await own(home, bo)).toMatchObject({ passkeys: [], may_enrol: true });
    await home.enrol(bo, {}, 'button');
    expect((await home.entries()).map(({ decision, person }) => [decision, person])).toEqual([
      ['passkey_added', 'p_bo'],
      ['passkey_removed', undefined],
      ['passkey_added', 'p_bo'],
    ]);
    expect(await home.faults()).toEqual([]);
  });

  it('are asked for by all that a request needs, under a handle that tells nobody who it is', async () => {
    const home = new SigningHome();
    const ways = () =>
      home.house.read((view) => (['ticket', 'button', 'passkey'] as const).filter((how) => mayEnrol(view, MAYA, how)));
    expect(await ways()).toEqual(['ticket', 'button']);
    const soft = await home.enrol();
    expect(await ways()).toEqual(['passkey']);
    const keys = await home.house.read((view) => signersOf(view, MAYA));
    expect(keys).toMatchObject([{ id: soft.id, public_key: soft.publicKey, counter: 0 }]);
    const [mine, ofBo] = [await personHandle(home.house, MAYA), await personHandle(home.house, teammate('p_bo'))];
    expect(mine).toBe(await personHandle(home.house, { ...MAYA, client: 'another 1' }));
    expect(mine).not.toBe(ofBo);
    expect(await personHandle(new SigningHome().house, MAYA)).not.toBe(mine);
    expect(Buffer.from(mine, 'base64url')).toHaveLength(32);
  });

  it('are at most 20 a person', async () => {
    const home = new SigningHome();
    const first = await home.enrol();
    for (let count = 1; count < 20; count++) await home.enrol(MAYA, { by: first });
    expect(await own(home)).toMatchObject({ may_enrol: false });
    await expect(home.enrol(MAYA, { by: first })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('have a name that stands on one line', async () => {
    const home = new SigningHome();
    const soft = softPasskey();
    const args = { credential: soft.credential(), how: 'ticket' as const, demand_signed: false };
    const add = (name: string) => addPasskey(home.house, MAYA, { ...args, name });
    await expect(add(' ')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    await expect(add('x'.repeat(61))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect((await add('Lap\ntop')).passkeys[0]?.name).not.toContain('\n');
  });

  it('pass no lock by another way', async () => {
    const home = new SigningHome();
    const first = await home.enrol();
    const soft = softPasskey();
    const at = home.deps.now().toISOString();
    const passkey = { ...soft.credential(), person: 'owner', name: 'x', how: 'ticket' as const, added_at: at };
    const added = (more: object, via: 'human' | 'signed' = 'human'): Event => ({
      ...{ type: 'passkey_added', by: 'maya', via },
      passkey: { ...passkey, ...more },
    });
    await expect(committed(home, added({}))).rejects.toMatchObject(INTERNAL);
    await expect(committed(home, added({ how: 'passkey' }, 'signed'))).rejects.toMatchObject(INTERNAL);
    await expect(committed(home, added({ person: 'p_bo' }))).rejects.toMatchObject(INTERNAL);
    const other = signed(first, 'add_passkey', keyDigest(softPasskey().publicKey));
    const event = added({ how: 'passkey', added_by: first.id }, 'signed');
    await expect(committed(home, event, { type: 'signed', proof: other, at })).rejects.toMatchObject(INTERNAL);
    const proof = signed(first, 'add_passkey', keyDigest(soft.publicKey));
    await committed(home, event, { type: 'signed', proof, at });
    const removed: Event = { type: 'passkey_removed', passkey_id: first.id, at, by: 'maya', via: 'client' };
    await expect(committed(home, removed)).rejects.toMatchObject(INTERNAL);
    const ofBo = await home.enrol(teammate('p_bo'), {}, 'button');
    const lost: Event = { type: 'passkey_removed', passkey_id: ofBo.id, at, by: 'maya', via: 'human' };
    await expect(committed(home, lost)).rejects.toMatchObject(INTERNAL);
    const ownLost: Event = { ...lost, passkey_id: first.id, for_another: true };
    await expect(committed(home, ownLost)).rejects.toMatchObject(INTERNAL);
    const byBo = home.house.commit(teammate('p_kim'), () => ({ events: [{ ...lost, for_another: true }], value: 0 }));
    await expect(byBo).rejects.toMatchObject(INTERNAL);
    const byProduct = home.house.commit('countersign', () => ({ events: [{ ...removed, via: 'human' }], value: 0 }));
    await expect(byProduct).rejects.toMatchObject(INTERNAL);
  });
});

import { describe, expect, it } from 'vitest';
import { keyDigest } from '../../src/domain/decisions/signed-proof.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { currentAgent } from '../../src/domain/state/view.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { startAttempts } from '../../src/engine/execution/attempt.ts';
import { grantFor } from '../../src/engine/gate/grant.ts';
import { passkeysOf, removePasskey, setSigning } from '../../src/engine/passkeys/enrol.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { setBrake } from '../../src/engine/review/set-brake.ts';
import { softPasskey } from '../support/authenticator.ts';
import { EMAIL_TO_ALL, HOOK_FOR_ALL, MAYA, NOTE_FOR_ALL, SigningHome, signed, teammate } from '../support/signing.ts';

const FORBIDDEN = { code: 'FORBIDDEN' };
const own = (home: SigningHome, by = MAYA) => home.house.read((view) => passkeysOf(view, by));
const remove = (home: SigningHome, id: string, proof?: ReturnType<typeof signed>) =>
  removePasskey(home.house, MAYA, proof ? { id, via: 'signed', proof } : { id, via: 'human' });
const INTERNAL = { code: 'INTERNAL' };
const committed = (home: SigningHome, ...events: Event[]) => home.house.commit(MAYA, () => ({ events, value: 0 }));

describe('where whatever leaves the machine is signed', () => {
  async function aStrictHome(env: Record<string, string> = {}) {
    const home = new SigningHome({ env });
    await home.contacts(1);
    const soft = await home.enrol(MAYA, { demand_signed: true });
    return { home, soft };
  }

  it('a webhook needs a signature, whatever else is set, and a note does not', async () => {
    const { home, soft } = await aStrictHome({ COUNTERSIGN_MIN_PROOF: 'client' });
    expect(await own(home)).toMatchObject({ signing: true });
    const [hook, note] = await home.proposed({}, [HOOK_FOR_ALL, NOTE_FOR_ALL]);
    if (!hook || !note) throw new Error('nothing waits');
    const shown = { ...hook, expected_digest: await home.digest(hook) };
    const refused = approve(home.house, MAYA, { ...shown, via: 'human' }, 0);
    await expect(refused).rejects.toThrow(
      'This post to a web address leaves your computer, and you sign whatever does, so you approve it yourself: sign it',
    );
    const proof = signed(soft, 'approve', shown.expected_digest);
    expect(await approve(home.house, MAYA, { ...shown, via: 'signed', proof }, 0)).toMatchObject({
      decided_via: 'signed',
    });
    const ofNote = { ...note, expected_digest: await home.digest(note) };
    expect(await approve(home.house, MAYA, ofNote, 5)).toMatchObject({ status: 'executed', decided_via: 'client' });
  });

  it('what was approved or allowed without one does not happen any more', async () => {
    const home = new SigningHome();
    await home.contacts(1);
    const soft = await home.enrol();
    const [hook] = await home.proposed({}, [HOOK_FOR_ALL]);
    if (!hook) throw new Error('nothing waits');
    // While the brake is on, what is approved waits.
    await setBrake(home.house, MAYA, { on: true, via: 'client' });
    await approve(home.house, MAYA, { ...hook, expected_digest: await home.digest(hook), via: 'human' }, 0);
    const auto = { approval: { require_approval: false }, capabilities: ['email'] };
    const { agent } = await createAgent(home.house, MAYA, { name: 'Auto', playbook: { playbook_md: 'x' }, ...auto });
    const [change] = await home.house.read((view) => view.changes());
    await decideChange(home.house, MAYA, { change_id: change?.id ?? '', decision: 'approve', via: 'human' });
    const granted = () =>
      home.house.read((view) => {
        const now = currentAgent(view, String(agent.id));
        return now && grantFor(view, now, {})?.via;
      });
    expect(await granted()).toBe('human');
    await setSigning(home.house, MAYA, { on: true, via: 'human' });
    expect(await granted()).toBeUndefined();
    await setBrake(home.house, MAYA, { on: false, via: 'human' });
    startAttempts(home.house);
    await expect.poll(async () => (await home.row(hook)).action.status).toBe('pending_approval');
    await setSigning(home.house, MAYA, { on: false, via: 'signed', proof: signed(soft, 'signing_off', 'signing') });
    expect(await granted()).toBe('human');
    expect(await home.faults()).toEqual([]);
  });

  it('only the passkey switches that off', async () => {
    const { home, soft } = await aStrictHome();
    const off = (proof?: ReturnType<typeof signed>) =>
      setSigning(home.house, MAYA, proof ? { on: false, via: 'signed', proof } : { on: false, via: 'human' });
    await expect(off()).rejects.toMatchObject({ ...FORBIDDEN, details: { needed: 'signed' } });
    await expect(off(signed(soft, 'approve', 'signing'))).rejects.toMatchObject(FORBIDDEN);
    await expect(off(signed(softPasskey(), 'signing_off', 'signing'))).rejects.toMatchObject(FORBIDDEN);
    const at = home.deps.now().toISOString();
    const event: Event = { type: 'signing_set', on: false, person: 'owner', at, by: 'maya', via: 'human' };
    await expect(committed(home, event)).rejects.toMatchObject(INTERNAL);
    expect(await off(signed(soft, 'signing_off', 'signing'))).toMatchObject({ signing: false });
    const entries = (await home.entries()).map(({ decision, via }) => [decision, via]);
    expect(entries.slice(1)).toEqual([
      ['signing_on', 'human'],
      ['signing_off', 'signed'],
    ]);
    expect(await home.faults()).toEqual([]);
  });

  it('it isn’t switched off by somebody else’s passkey, though one of the same person’s that was added later does', async () => {
    const { home, soft } = await aStrictHome();
    const bo = teammate('p_bo');
    const others = await home.enrol(bo);
    const off = (by: typeof MAYA, key: typeof soft) =>
      setSigning(home.house, by, { on: false, via: 'signed', proof: signed(key, 'signing_off', 'signing') });
    await expect(off(bo, others)).rejects.toMatchObject(FORBIDDEN);
    const later = await home.enrol(MAYA, { by: soft });
    await remove(home, soft.id, signed(later, 'remove_passkey', keyDigest(soft.publicKey)));
    expect(await off(MAYA, later)).toMatchObject({ signing: false });
    expect(await home.faults()).toEqual([]);
  });

  it('its last passkey is removed by a signature alone, which switches that off too', async () => {
    const { home, soft } = await aStrictHome();
    await expect(remove(home, soft.id)).rejects.toMatchObject({ ...FORBIDDEN, details: { needed: 'signed' } });
    await expect(remove(home, soft.id, signed(soft, 'remove_passkey', 'x'))).rejects.toMatchObject(FORBIDDEN);
    const gone = await remove(home, soft.id, signed(soft, 'remove_passkey', keyDigest(soft.publicKey)));
    expect(gone).toMatchObject({ passkeys: [], signing: false });
    expect((await home.entries()).slice(-2).map(({ decision, via }) => [decision, via])).toEqual([
      ['signing_off', 'signed'],
      ['passkey_removed', 'signed'],
    ]);
    expect(await home.faults()).toEqual([]);
  });

  it('needs a passkey, and an owner or an admin, to begin', async () => {
    const home = new SigningHome();
    await expect(setSigning(home.house, MAYA, { on: true, via: 'human' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const bo = teammate('p_bo', { role: 'member' });
    await home.enrol(bo);
    await expect(setSigning(home.house, bo, { on: true, via: 'human' })).rejects.toMatchObject(FORBIDDEN);
    await expect(home.enrol(teammate('p_cy', { role: 'member' }), { demand_signed: true })).rejects.toMatchObject(
      FORBIDDEN,
    );
  });

  it('an agent’s email to the outbox stays here, so it needs none', async () => {
    const { home } = await aStrictHome();
    const [email] = await home.proposed({}, [EMAIL_TO_ALL]);
    if (!email) throw new Error('nothing waits');
    const shown = { ...email, expected_digest: await home.digest(email) };
    expect(await approve(home.house, MAYA, { ...shown, via: 'client' }, 5)).toMatchObject({ status: 'executed' });
  });
});

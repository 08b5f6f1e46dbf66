import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOfMade } from '../../src/domain/decisions/decision.ts';
import { keyDigest, type SignedProof } from '../../src/domain/decisions/signed-proof.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { removePasskey } from '../../src/engine/passkeys/enrol.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { aNonce, softPasskey } from '../support/authenticator.ts';
import { aSignedEmail, codeOf, STRICT } from '../support/signed-home.ts';
import { MAYA, SigningHome, signed, teammate } from '../support/signing.ts';

const logOf = (home: SigningHome) =>
  fs.readdirSync(path.join(home.home, 'log')).map((name) => fs.readFileSync(path.join(home.home, 'log', name), 'utf8'));

describe('an action that takes a signature', () => {
  it('is approved by one, and the log keeps what was signed', async () => {
    const { home, soft, ref, expected_digest, approving } = await aSignedEmail();
    const proof = signed(soft, 'approve', expected_digest);
    expect(await approving(proof)).toMatchObject({ status: 'executed', decided_via: 'signed' });
    const entry = (await home.entries()).at(-1);
    expect(entry).toMatchObject({ decision: 'approved', via: 'signed', digest: expected_digest, proof });
    expect(entry?.personal).toMatchObject({
      made_of: { action: ['email_message', { message: 'Hi Person 0' }, 'p0@example.com', null] },
    });
    expect((await home.row(ref)).action.status).toBe('executed');
    expect(await home.faults()).toEqual([]);
  });

  it.each(['client', 'elicited', 'human'] as const)(
    'is not approved by "%s", which names where one signs',
    async (via) => {
      const { home, ref, expected_digest } = await aSignedEmail();
      const refused = approve(home.house, MAYA, { ...ref, expected_digest, via }, 0);
      await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', details: { needed: 'signed', given: via } });
      await expect(refused).rejects.toThrow('sign it with your passkey');
      await expect(refused).rejects.not.toThrow('countersign review');
      expect((await home.row(ref)).action.status).toBe('pending_approval');
    },
  );

  const altered = (proof: SignedProof, part: 'clientDataJSON' | 'authenticatorData' | 'signature'): SignedProof => {
    const bytes = Buffer.from(proof[part], 'base64url');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
    return { ...proof, [part]: bytes.toString('base64url') };
  };
  type Made = Awaited<ReturnType<typeof aSignedEmail>>;
  const BAD: [string, (made: Made) => SignedProof | Promise<SignedProof>][] = [
    ['over another digest', ({ soft }) => signed(soft, 'approve', 'another-digest')],
    ['over nothing', ({ soft }) => signed(soft, 'approve')],
    ['for another decision', ({ soft, expected_digest }) => signed(soft, 'reject', expected_digest)],
    ['by another key', ({ expected_digest }) => signed(softPasskey(), 'approve', expected_digest)],
    [
      'by another key under the enrolled one',
      ({ soft, expected_digest }) => ({
        ...signed(softPasskey(), 'approve', expected_digest),
        publicKey: soft.publicKey,
      }),
    ],
    [
      'by a passkey of somebody else',
      async ({ home, expected_digest }) => signed(await home.enrol(teammate('p_bo')), 'approve', expected_digest),
    ],
    [
      'without a verified person',
      ({ soft, expected_digest }) =>
        soft.proof({ decision: 'approve', digests: [expected_digest], nonce: aNonce() }, { flags: 1 }),
    ],
    [
      'made for another site',
      ({ soft, expected_digest }) =>
        soft.proof({ decision: 'approve', digests: [expected_digest], nonce: aNonce() }, { rpId: 'evil.example' }),
    ],
    [
      'made inside of another page',
      ({ soft, expected_digest }) =>
        soft.proof({ decision: 'approve', digests: [expected_digest], nonce: aNonce() }, { crossOrigin: true }),
    ],
    [
      'that was given to make a passkey',
      ({ soft, expected_digest }) =>
        soft.proof({ decision: 'approve', digests: [expected_digest], nonce: aNonce() }, { type: 'webauthn.create' }),
    ],
    [
      'whose statement was altered',
      ({ soft, expected_digest }) => ({ ...signed(soft, 'approve', 'x'), digests: [expected_digest] }),
    ],
    [
      'whose client data was altered',
      (of) => altered(signed(of.soft, 'approve', of.expected_digest), 'clientDataJSON'),
    ],
    [
      'whose authenticator data was altered',
      (of) => altered(signed(of.soft, 'approve', of.expected_digest), 'authenticatorData'),
    ],
    ['that was altered', (of) => altered(signed(of.soft, 'approve', of.expected_digest), 'signature')],
    [
      'by a passkey that was removed',
      async ({ home, soft, expected_digest }) => {
        const removal = signed(soft, 'remove_passkey', keyDigest(soft.publicKey));
        await removePasskey(home.house, MAYA, { id: soft.id, via: 'signed', proof: removal });
        return signed(soft, 'approve', expected_digest);
      },
    ],
    [
      'that isn’t whole',
      ({ soft, expected_digest }) => ({ ...signed(soft, 'approve', expected_digest), signature: 'not base64url!' }),
    ],
  ];

  it.each(BAD)('is not approved by a signature %s', async (_, make) => {
    const made = await aSignedEmail();
    const proof = await make(made);
    const before = logOf(made.home);
    expect(await codeOf(made.approving(proof))).toBe('FORBIDDEN');
    expect(logOf(made.home)).toEqual(before);
    expect((await made.home.row(made.ref)).action.status).toBe('pending_approval');
  });

  it.each(BAD)('passes no lock with a signature %s', async (_, make) => {
    const made = await aSignedEmail();
    const { home, ref, expected_digest } = made;
    const proof = await make(made);
    const before = logOf(home);
    const { action, agent } = await home.row(ref);
    const at = home.deps.now().toISOString();
    const change = {
      ...{ ...ref, agent_id: agent.id, from: action.status, to: 'approved' as const, auto_approved: false, at },
      set: { digest: expected_digest, decided_at: at, decided_by: 'maya', decided_via: 'signed' as const },
    };
    const events: Event[] = [
      { type: 'actions_changed', changes: [change] },
      { type: 'signed', proof, at },
    ];
    expect(await codeOf(home.house.commit(MAYA, () => ({ events, value: 0 })))).toBe('INTERNAL');
    expect(logOf(home)).toEqual(before);
  });

  it('passes no lock that only says so, or by the product', async () => {
    const { home, ref, expected_digest, soft } = await aSignedEmail();
    const { action, agent } = await home.row(ref);
    const at = home.deps.now().toISOString();
    const change = {
      ...{ ...ref, agent_id: agent.id, from: action.status, to: 'approved' as const, auto_approved: false, at },
      set: { digest: expected_digest, decided_at: at, decided_by: 'maya', decided_via: 'signed' as const },
    };
    const changed: Event = { type: 'actions_changed', changes: [change] };
    const proof: Event = { type: 'signed', proof: signed(soft, 'approve', expected_digest), at };
    const commit = (by: typeof MAYA | string, ...events: Event[]) =>
      codeOf(home.house.commit(by, () => ({ events, value: 0 })));
    expect(await commit(MAYA, changed)).toBe('INTERNAL');
    expect(await commit('countersign', changed, proof)).toBe('INTERNAL');
    expect(await commit(MAYA, proof)).toBe('INTERNAL');
    expect(await commit(MAYA, changed, proof, proof)).toBe('INTERNAL');
    expect(await commit(MAYA, changed, proof)).toBe('nothing was refused');
  });

  it('is not approved by a signature that counted before, for an equal action of another run', async () => {
    const { home, soft, expected_digest, approving } = await aSignedEmail();
    const proof = signed(soft, 'approve', expected_digest);
    await approving(proof);
    // 31 days later the same may be proposed again, and has the same digest.
    home.clock += 31 * 86_400_000;
    const [again] = await home.proposed(STRICT);
    if (!again) throw new Error('nothing waits');
    expect(await home.digest(again)).toBe(expected_digest);
    const replayed = approve(home.house, MAYA, { ...again, expected_digest, via: 'signed', proof }, 0);
    await expect(replayed).rejects.toMatchObject({ code: 'FORBIDDEN', details: { flaw: 'it was used before' } });
    const fresh = signed(soft, 'approve', expected_digest);
    expect(
      await approve(home.house, MAYA, { ...again, expected_digest, via: 'signed', proof: fresh }, 5),
    ).toMatchObject({
      decided_via: 'signed',
    });
  });

  it('is not approved by a passkey that counts back', async () => {
    const home = new SigningHome();
    await home.contacts(2);
    const soft = await home.enrol(MAYA, { soft: softPasskey('ES256', { counts: true }) });
    const [one, two] = await home.proposed(STRICT);
    if (!one || !two) throw new Error('nothing waits');
    const earlier = signed(soft, 'approve', await home.digest(two));
    const later = signed(soft, 'approve', await home.digest(one));
    const approving = async (ref: ActionRef, proof: SignedProof) =>
      approve(home.house, MAYA, { ...ref, expected_digest: await home.digest(ref), via: 'signed', proof }, 20);
    await approving(one, later);
    await expect(approving(two, earlier)).rejects.toThrow('counted back');
  });

  it('is approved with what moved since, which the log keeps as part of what was signed', async () => {
    const { home, soft, ref } = await aSignedEmail();
    const contacts = [{ id: 'p0', email: 'p0@example.com', firstname: 'Somebody else' }];
    await importContacts(home.house, 'test', { contacts });
    const { digest, moved } = await home.row(ref);
    expect(moved.changed_since).toMatchObject([{ what: 'firstname' }]);
    const proof = signed(soft, 'approve', digest);
    await approve(home.house, MAYA, { ...ref, expected_digest: digest, via: 'signed', proof }, 20);
    const made = (await home.entries()).at(-1)?.personal?.made_of;
    expect(made?.moved).toEqual([['firstname', 'Person 0', 'Somebody else']]);
    expect(made && digestOfMade(made)).toBe(digest);
    expect(await home.faults()).toEqual([]);
  });

  it('is rejected by a signature too', async () => {
    const { home, soft, ref, expected_digest } = await aSignedEmail();
    const proof = signed(soft, 'reject', expected_digest);
    await reject(home.house, MAYA, { ...ref, expected_digest, via: 'signed', proof, reason: 'no' });
    expect((await home.entries()).at(-1)).toMatchObject({ decision: 'rejected', via: 'signed', proof });
    expect(await home.faults()).toEqual([]);
  });
});

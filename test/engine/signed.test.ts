import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { digestOfMade } from '../../src/domain/decisions/decision.ts';
import { keyDigest, type SignedProof } from '../../src/domain/decisions/signed-proof.ts';
import { attemptDigest } from '../../src/domain/runs/action-change.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { keepCall } from '../../src/engine/changes/keep.ts';
import { askedAgain } from '../../src/engine/changes/question.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { removePasskey } from '../../src/engine/passkeys/enrol.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { decideRefs } from '../../src/engine/review/bulk.ts';
import { checkedEdit } from '../../src/engine/review/edit.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { setBrake } from '../../src/engine/review/set-brake.ts';
import { settleAction } from '../../src/engine/review/settle.ts';
import { aNonce, softPasskey } from '../support/authenticator.ts';
import { EMAIL_TO_ALL, HOOK_FOR_ALL, MAYA, SigningHome, signed, teammate } from '../support/signing.ts';

const STRICT = { approval: { min_proof: 'signed' as const } };

function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing was refused',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
}

/** A home with a passkey of Maya's, and the email that waits for one contact by an agent that demands a signature. */
async function aSignedEmail() {
  const home = new SigningHome();
  await home.contacts(1);
  const soft = await home.enrol();
  const [ref] = await home.proposed(STRICT);
  if (!ref) throw new Error('nothing waits');
  const expected_digest = await home.digest(ref);
  const approving = (proof: SignedProof, by = MAYA) =>
    approve(home.house, by, { ...ref, expected_digest, via: 'signed', proof }, 20);
  return { home, soft, ref, expected_digest, approving };
}

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

describe('many rows', () => {
  async function rows(count: number) {
    const home = new SigningHome();
    await home.contacts(count);
    const soft = await home.enrol();
    const refs = await home.proposed(STRICT);
    const shown = await Promise.all(refs.map(async (ref) => ({ ...ref, digest: await home.digest(ref) })));
    return { home, soft, shown };
  }

  it('are decided by one signature over exactly those that were shown, edits included', async () => {
    const { home, soft, shown } = await rows(3);
    const [one, two, three] = shown;
    if (!one || !two || !three) throw new Error('nothing waits');
    const params = { subject: 'Edited', message: 'By hand' };
    const edit = await checkedEdit(home.house, two, params);
    const proof = signed(soft, 'approve', one.digest, edit.digest);
    const outcome = await decideRefs(home.house, MAYA, [one, { ...two, params }, three], {
      decision: 'approve',
      via: 'signed',
      proof,
    });
    expect(outcome).toEqual({
      decided: 2,
      skipped: [expect.objectContaining({ contact_id: 'p2', reason: "it isn't among what was signed" })],
    });
    expect((await home.row(two)).action).toMatchObject({ decided_via: 'signed', edited_params: params });
    expect((await home.row(three)).action.status).toBe('pending_approval');
    const signedEntries = (await home.entries()).filter(({ via }) => via === 'signed');
    expect(signedEntries.map(({ digest, proof: kept }) => [digest, kept])).toEqual([
      [one.digest, proof],
      [edit.digest, proof],
    ]);
    expect(await home.faults()).toEqual([]);
  });

  it('skip what changed since, or whose edit does not fit, and decide nothing where no other is left', async () => {
    const { home, soft, shown } = await rows(2);
    const [one, two] = shown;
    if (!one || !two) throw new Error('nothing waits');
    const proof = signed(soft, 'approve', one.digest, two.digest);
    const outcome = await decideRefs(
      home.house,
      MAYA,
      [
        { ...one, digest: 'another' },
        { ...two, params: { subject: 1 } },
      ],
      { decision: 'approve', via: 'signed', proof },
    ).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'CONFLICT' });
    const human = await decideRefs(home.house, MAYA, shown, { decision: 'approve', via: 'human' });
    expect(human).toMatchObject({ decided: 0, skipped: [{ needed: 'signed' }, { needed: 'signed' }] });
    expect(await decideRefs(home.house, MAYA, shown, { decision: 'approve', via: 'signed', proof })).toMatchObject({
      decided: 2,
    });
  });

  it('take two digests where two of them say the same', async () => {
    const { home, soft } = await rows(1);
    const propose = [HOOK_FOR_ALL];
    await home.contacts(2);
    const refs = await home.proposed(STRICT, propose);
    const shown = await Promise.all(refs.map(async (ref) => ({ ...ref, digest: await home.digest(ref) })));
    const [one, two] = shown;
    if (!one || !two) throw new Error('nothing waits');
    expect(one.digest).toBe(two.digest);
    const at = home.deps.now().toISOString();
    const set = { digest: one.digest, decided_at: at, decided_by: 'maya', decided_via: 'signed' as const };
    const change = { from: 'pending_approval' as const, to: 'approved' as const, auto_approved: false, at, set };
    const { agent } = await home.row(one);
    const changes = [one, two].map(({ digest: _digest, ...ref }) => ({ ...ref, agent_id: agent.id, ...change }));
    const events: Event[] = [
      { type: 'actions_changed', changes },
      { type: 'signed', proof: signed(soft, 'approve', one.digest), at },
    ];
    expect(await codeOf(home.house.commit(MAYA, () => ({ events, value: 0 })))).toBe('INTERNAL');
    const once = signed(soft, 'approve', one.digest);
    const first = await decideRefs(home.house, MAYA, shown, { decision: 'approve', via: 'signed', proof: once });
    expect(first).toMatchObject({ decided: 1, skipped: [{ contact_id: two.contact_id }] });
  });

  it('are at most 200 by one signature', async () => {
    const { home, soft, shown } = await rows(1);
    const [one] = shown;
    if (!one) throw new Error('nothing waits');
    const many = Array.from({ length: 201 }, (_, at) => ({ ...one, action_index: at }));
    const proof = signed(soft, 'approve', one.digest);
    const refused = decideRefs(home.house, MAYA, many, { decision: 'approve', via: 'signed', proof });
    await expect(refused).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('a signature', () => {
  it('repeats exactly the attempt that was shown, and says what came of one', async () => {
    const { home, soft, ref, approving, expected_digest } = await failedHook();
    await approving(signed(soft, 'approve', expected_digest));
    await expect.poll(async () => (await home.row(ref)).action.status).toBe('unknown');
    const shown = await home.digest(ref);
    const retry = (proof: SignedProof) =>
      settleAction(home.house, MAYA, { ...ref, outcome: 'retry', expected_digest: shown, via: 'signed', proof });
    const approvedAgain = retry(signed(soft, 'retry', expected_digest));
    expect(await codeOf(approvedAgain)).toBe('FORBIDDEN');
    const { action, agent } = await home.row(ref);
    const at = home.deps.now().toISOString();
    const attempt = { digest: expected_digest, status: action.status, attempted_at: action.attempted_at ?? '' };
    const locked = (named: typeof attempt) => {
      const set = { digest: expected_digest, decided_at: at, decided_by: 'maya', decided_via: 'signed' as const };
      const of = { ...ref, agent_id: agent.id, from: action.status, to: 'approved' as const, auto_approved: false, at };
      const events: Event[] = [
        { type: 'actions_changed', changes: [{ ...of, set, attempt: named }] },
        { type: 'signed', proof: signed(soft, 'retry', attemptDigest(named)), at },
      ];
      return codeOf(home.house.commit(MAYA, () => ({ events, value: 0 })));
    };
    expect(attemptDigest(attempt)).toBe(shown);
    expect(await locked({ ...attempt, status: 'failed' })).toBe('INTERNAL');
    expect(await locked({ ...attempt, attempted_at: at })).toBe('INTERNAL');
    expect(await locked({ ...attempt, digest: 'another' })).toBe('INTERNAL');
    const done = await retry(signed(soft, 'retry', shown));
    expect(done.decided_via).toBe('signed');
    await home.settled();
    const again = await home.digest(ref);
    const settle = (proof: SignedProof) =>
      settleAction(home.house, MAYA, { ...ref, outcome: 'not_sent', via: 'signed', proof });
    expect(await codeOf(settle(signed(soft, 'sent', again)))).toBe('FORBIDDEN');
    expect(await settle(signed(soft, 'not_sent', again))).toMatchObject({ status: 'failed' });
    const [entry, settled] = (await home.entries()).slice(-2);
    expect(settled).toMatchObject({ decision: 'settled_not_sent', via: 'signed' });
    expect(entry).toMatchObject({ decision: 'retried', via: 'signed', attempt: { status: 'unknown' } });
    expect(entry?.attempt?.digest).toBe(entry?.digest);
    expect(await home.faults()).toEqual([]);
  });

  async function failedHook() {
    const home = new SigningHome();
    await home.contacts(1);
    const soft = await home.enrol();
    // No request goes out in tests, so every attempt fails.
    const [ref] = await home.proposed(STRICT, [HOOK_FOR_ALL]);
    if (!ref) throw new Error('nothing waits');
    const expected_digest = await home.digest(ref);
    const approving = (proof: SignedProof) =>
      approve(home.house, MAYA, { ...ref, expected_digest, via: 'signed', proof }, 20);
    return { home, soft, ref, expected_digest, approving };
  }

  it('lets an agent act unasked, over what the person was shown of it', async () => {
    const home = new SigningHome();
    await home.contacts(1);
    const soft = await home.enrol();
    await home.proposed({ ...STRICT, name: 'Ada' }, [EMAIL_TO_ALL]);
    const update = { changes: { approval: { auto_approve: ['email_message'] } }, clear: [] };
    const change = await keepCall(home.house, MAYA, { tool: 'update_agent', agent_id: 'Ada', update });
    if (!change) throw new Error('nothing waits');
    const { binding } = await askedAgain(home.house, change.id);
    const decide = (via: 'human' | 'signed', proof?: SignedProof, shown = binding) =>
      decideChange(home.house, MAYA, { change_id: change.id, decision: 'approve', via, binding: shown, proof });
    await expect(decide('human')).rejects.toMatchObject({ code: 'FORBIDDEN', details: { needed: 'signed' } });
    await expect(decide('signed', signed(soft, 'approve', 'x'), 'x')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await codeOf(decide('signed', signed(soft, 'approve', 'x')))).toBe('FORBIDDEN');
    expect(await codeOf(decide('signed', signed(soft, 'decline', binding)))).toBe('FORBIDDEN');
    const proof = signed(soft, 'approve', binding);
    expect(await decide('signed', proof)).toMatchObject({ outcome: 'approved' });
    expect((await home.entries()).at(-1)).toMatchObject({ decision: 'granted', via: 'signed', digest: binding, proof });
    expect(await home.house.read((view) => view.standing(change.agent_id ?? '')?.grant?.via)).toBe('signed');
    expect(await home.faults()).toEqual([]);
  });

  it('takes the brake off, where it says so', async () => {
    const home = new SigningHome();
    const soft = await home.enrol();
    await setBrake(home.house, MAYA, { on: true, via: 'client' });
    const off = (proof: SignedProof) => setBrake(home.house, MAYA, { on: false, via: 'signed', proof });
    expect(await codeOf(off(signed(soft, 'approve', 'brake')))).toBe('FORBIDDEN');
    expect(await off(signed(soft, 'resume', 'brake'))).toMatchObject({ on: false });
    expect((await home.entries()).at(-1)).toMatchObject({ decision: 'resumed', via: 'signed' });
    expect(await home.faults()).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { SignedProof } from '../../src/domain/decisions/signed-proof.ts';
import { attemptDigest } from '../../src/domain/runs/action-change.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { keepCall } from '../../src/engine/changes/keep.ts';
import { askedAgain } from '../../src/engine/changes/question.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { setBrake } from '../../src/engine/review/set-brake.ts';
import { settleAction } from '../../src/engine/review/settle.ts';
import { codeOf, STRICT } from '../support/signed-home.ts';
import { EMAIL_TO_ALL, HOOK_FOR_ALL, MAYA, SigningHome, signed } from '../support/signing.ts';

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

import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { decideRefs } from '../../src/engine/review/bulk.ts';
import { checkedEdit } from '../../src/engine/review/edit.ts';
import { codeOf, STRICT } from '../support/signed-home.ts';
import { HOOK_FOR_ALL, MAYA, SigningHome, signed } from '../support/signing.ts';

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

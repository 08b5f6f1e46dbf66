import { describe, expect, it } from 'vitest';
import { deleteAgent } from '../../src/engine/agents/delete.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import { limitedHouse } from '../../src/engine/base/limited-house.ts';
import { aMember, aTeam, type Teammate } from '../support/team.ts';
import { agentOf, decided, EMAIL, made, NOTE, ran, resultOf, theTeam } from '../support/team-scene.ts';

describe('four callers of three roles who share a home', () => {
  it('see and change what their role lets them', async () => {
    const { team, olga, adam, mia, max } = await theTeam();
    const hers = await made(mia);
    const shared = await made(adam, [NOTE], { name: 'Shared', visibility: 'public' });
    const idsOf = async (who: Teammate) =>
      (await who.call('list_agents')).agents.map(({ id }: { id: string }) => id).sort();
    expect(await idsOf(mia)).toEqual([hers, shared].sort());
    expect(await idsOf(max)).toEqual([shared]);
    for (const who of [olga, adam, await team.stdio()]) expect(await idsOf(who)).toEqual([hers, shared].sort());
    expect(await idsOf(await team.member('tess', { role: 'owner', team: 2 }))).toEqual([]);
    const change = (agent_id: string) => ({ agent_id, changes: { description: 'better' } });
    const told = async (who: Teammate, tool: string, args: object) =>
      (await who.call(tool, { ...args })).error?.code ?? 'done';
    expect(await told(max, 'update_agent', change(hers))).toBe('NOT_FOUND');
    expect(await told(max, 'delete_agent', { agent_id: hers })).toBe('NOT_FOUND');
    expect(await told(max, 'update_agent', change(shared))).toBe('FORBIDDEN');
    expect(await told(mia, 'delete_agent', { agent_id: shared })).toBe('FORBIDDEN');
    for (const who of [mia, olga, adam]) expect(await told(who, 'update_agent', change(hers))).toBe('done');
    expect(await told(olga, 'update_agent', change(shared))).toBe('done');
    expect(await told(mia, 'delete_agent', { agent_id: hers })).toBe('done');
  });

  it('a member makes private agents only, by whatever way, and no change of theirs waits for another one', async () => {
    const { team, adam, mia } = await theTeam();
    const asked = { min_proof: 'human' };
    for (const visibility of ['public', 'commercial']) {
      const { error } = await mia.call('create_agent', agentOf([NOTE], { visibility, approval: asked }));
      expect(error).toMatchObject({ code: 'FORBIDDEN', details: { visibility, role: 'member' } });
    }
    const id = await made(mia);
    const wider = { visibility: 'public', approval: { require_approval: false } };
    expect(await mia.call('update_agent', { agent_id: id, changes: wider })).toMatchObject({
      error: { code: 'FORBIDDEN', message: expect.stringContaining('private') },
    });
    // An admin made it public, and back: the version in between isn't hers to restore.
    await adam.call('update_agent', { agent_id: id, changes: { visibility: 'public' } });
    expect((await mia.call('update_agent', { agent_id: id, changes: { tags: ['x'] } })).error.code).toBe('FORBIDDEN');
    await adam.call('update_agent', { agent_id: id, changes: { visibility: 'private' } });
    expect((await mia.call('update_agent', { agent_id: id, changes: {}, restore_version: 2 })).error.code).toBe(
      'FORBIDDEN',
    );
    expect((await mia.call('update_agent', { agent_id: id, changes: {}, restore_version: 1 })).agent.version).toBe(4);
    expect(await team.house.read((view) => view.changes())).toEqual([]);
  });

  it('holds for whoever calls the engine, and not for tools alone', async () => {
    const { adam, max } = await theTeam();
    const { house, person } = max;
    const shared = await made(adam, [NOTE], { visibility: 'public' });
    const input = { name: 'X', playbook: { playbook_md: 'x' }, visibility: 'public' as const };
    await expect(createAgent(house, person, input)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const update = { changes: { description: 'd' }, clear: [] };
    await expect(updateAgent(house, person, shared, update)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(deleteAgent(house, person, shared)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await adam.call('get_agent', { agent_id: shared })).agent.version).toBe(1);
  });

  it('an agent shows its owner by id and team, its maker by name, and neither is an argument', async () => {
    const { team, adam, mia } = await theTeam();
    const tess = await team.member('tess', { role: 'admin', team: 2 });
    for (const [who, owner, number] of [
      [mia, 'p_mia', 1],
      [tess, 'p_tess', 2],
      [await team.stdio(), 'owner', 1],
    ] as const) {
      const { agent } = await who.call('get_agent', { agent_id: await made(who) });
      expect(agent).toMatchObject({ owner, team: number, created_by: `${who.person.user} (test 1)` });
    }
    const { error } = await adam.call('create_agent', agentOf([NOTE], { owner: 'p_mia' }));
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR' });
    const { agent } = await adam.call('update_agent', { agent_id: await made(mia), changes: { description: 'd' } });
    expect(agent).toMatchObject({ owner: 'p_mia', team: 1 });
  });

  it('another of the same name is another person', async () => {
    const { team, mia } = await theTeam();
    const id = await made(mia);
    const namesake = await team.join('mia', aMember('p_other'));
    expect((await namesake.call('get_agent', { agent_id: id })).error.code).toBe('NOT_FOUND');
  });

  it('the same idempotency key makes an agent and a run for each of them', async () => {
    const { mia, max } = await theTeam();
    const keyed = { ...agentOf(), idempotency_key: 'k1' };
    const ids: string[] = [];
    for (const who of [mia, max]) {
      const { agent } = await who.call('create_agent', keyed);
      expect((await who.call('create_agent', keyed)).agent.id).toBe(agent.id);
      ids.push(agent.id);
    }
    expect(new Set(ids).size).toBe(2);
    const other = { ...keyed, name: 'Another' };
    expect((await max.call('create_agent', other)).error).toMatchObject({ code: 'CONFLICT', details: { id: ids[1] } });
  });
});

describe('a house as one person sees it', () => {
  it('is the house itself for its owner, over stdio and in the terminal', () => {
    const { house } = aTeam();
    expect(limitedHouse(house, {})).toBe(house);
    expect(house.whole).toBe(house);
  });

  it('ends with the house, and what it begins is the house’s', async () => {
    const { team, mia } = await theTeam();
    expect([mia.house.whole === team.house, limitedHouse(mia.house, {}) === mia.house]).toEqual([true, true]);
    await ran(mia, await made(mia));
    team.house.end();
    expect(mia.house.ending).toBe(true);
  });
});

describe('what another’s private agent did to a contact', () => {
  it('is what, how it went and when: in get_contact, in briefings and in templates', async () => {
    const { mia, max, adam } = await theTeam();
    const run_id = await ran(mia, await made(mia, [NOTE, EMAIL]));
    await decided(mia, run_id, 'approve_action');
    await decided(mia, run_id, 'reject_action', { reason: 'too early' });
    const hidden = [
      { type: 'email_message', status: 'rejected', at: expect.any(String) },
      { type: 'note', status: 'executed', at: expect.any(String) },
    ];
    const { recent_actions, notes } = await max.call('get_contact', { contact_id: 'ann' });
    expect([
      recent_actions.toSorted((a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      notes,
    ]).toEqual([hidden, []]);
    expect((await mia.call('get_contact', { contact_id: 'ann' })).notes).toMatchObject([{ body: 'Call Ann' }]);
    const evaluated = async (who: Teammate, more: object) => {
      const { agent } = await who.call('create_agent', { name: 'A', playbook: { playbook_md: 'x' }, ...more });
      const run = await ran(who, agent.id);
      return (await who.call('next_evaluation', { run_id: run })).evaluation;
    };
    const briefing = await evaluated(max, {});
    expect(briefing.recent_actions).toHaveLength(2);
    expect(briefing.rejections).toEqual([{ type: 'email_message', status: 'rejected', at: expect.any(String) }]);
    expect(JSON.stringify(briefing)).not.toMatch(/Call Ann|too early|Hello|run_/);
    // A public agent's briefing may be read by all of the team, whoever triggers it; her own private one's by none else.
    expect(JSON.stringify(await evaluated(adam, { visibility: 'public' }))).not.toMatch(/Call Ann|too early/);
    expect(JSON.stringify(await evaluated(mia, {}))).toMatch(/Call Ann.*too early/);
    const template = {
      type: 'note',
      params: {
        body: '{% for a in recent_actions %}[{{ a.type }} {{ a.status }} {{ a.params.body }}{{ a.run_id }}]{% endfor %}',
      },
    };
    const told = await resultOf(max, await ran(max, await made(max, [template])));
    expect(told.proposed_actions[0].params.body).toContain('[note executed ]');
    expect(told.proposed_actions[0].params.body).not.toMatch(/Call Ann|run_/);
  });

  it('still blocks what repeats it, and the reason names another agent and nothing of it', async () => {
    const { mia, max, adam } = await theTeam();
    const reasons = async (who: Teammate, propose: object[], more?: object) => {
      const { blocked_actions } = await resultOf(who, await ran(who, await made(who, propose, more)));
      return blocked_actions.map(({ reason }: { reason: string }) => reason).join();
    };
    const first = await ran(mia, await made(mia, [NOTE]));
    expect(await reasons(max, [NOTE])).toBe('the same action is pending_approval already (another agent)');
    await decided(mia, first, 'reject_action', { reason: 'her secret reason' });
    expect(await reasons(max, [NOTE])).toBe('a person rejected the same action (another agent)');
    expect(await reasons(mia, [NOTE])).toBe('a person rejected the same action: "her secret reason"');
    const mail = await ran(mia, await made(mia, [EMAIL]));
    await decided(mia, mail, 'approve_action', { wait_seconds: 10 });
    expect(await reasons(max, [EMAIL])).toMatch(/^the same action was executed at \S+ \(another agent\)$/);
    const weekly = { limits: { cooldown_days: 3 } };
    expect(await reasons(max, [{ ...EMAIL, params: { subject: 'Other', message: 'Other' } }], weekly)).toContain(
      'cooldown_days',
    );
    // The same for an assistant of his, whose answer he hands in himself.
    const { agent } = await max.call('create_agent', {
      name: 'B',
      capabilities: ['notes'],
      playbook: { playbook_md: 'x' },
    });
    const run_id = await ran(max, agent.id);
    const { evaluation } = await max.call('next_evaluation', { run_id });
    const answer = { run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'r', proposed_actions: [NOTE] };
    expect((await max.call('submit_evaluation', answer)).blocked).toMatchObject([
      { reason: 'a person rejected the same action (another agent)' },
    ]);
    // Of a public agent of the team everybody may know.
    const shared = await ran(
      adam,
      await made(adam, [{ type: 'note', params: { body: 'Shared' } }], { visibility: 'public' }),
    );
    expect(await reasons(max, [{ type: 'note', params: { body: 'Shared' } }])).toContain(`(run ${shared})`);
  });

  it('stops, at the approval, what it did meanwhile', async () => {
    const { mia, max } = await theTeam();
    const his = await ran(max, await made(max, [NOTE]));
    const hers = await ran(mia, await made(mia, [{ type: 'note', params: { body: 'Another' } }]));
    expect((await decided(mia, hers, 'approve_action', { params: NOTE.params })).action.status).toBe('executed');
    expect((await decided(max, his, 'approve_action')).action).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringMatching(/the same action was executed at \S+ \(another agent\)/),
    });
  });

  it('moves on what waits, and changed_since says another agent', async () => {
    const { mia, max } = await theTeam();
    const his = await ran(max, await made(max, [{ ...EMAIL, params: { subject: 'His', message: 'His' } }]));
    const hers = await ran(mia, await made(mia, [EMAIL]));
    await decided(mia, hers, 'approve_action', { wait_seconds: 10 });
    const [row] = (await max.call('list_pending_actions', { run_id: his })).actions;
    expect(row.changed_since).toEqual([
      { what: 'message sent', after: 'email_message of another agent', at: expect.any(String) },
    ]);
    const yes = { run_id: his, contact_id: 'ann', action_index: 0, expected_digest: row.digest, wait_seconds: 10 };
    expect((await max.call('approve_action', yes)).action.status).toBe('executed');
  });

  it('is erased whole with its contact, whoever deletes that', async () => {
    const { team, mia, max } = await theTeam();
    const run_id = await ran(mia, await made(mia, [NOTE, EMAIL]));
    await decided(mia, run_id, 'approve_action');
    expect((await max.call('delete_contact', { contact_id: 'ann' })).erased).toMatchObject({ notes: 1, results: 1 });
    expect(await team.house.read((view) => view.open({}))).toEqual([]);
    expect((await mia.call('get_run', { run_id })).run.contact_results).toEqual([]);
  });
});

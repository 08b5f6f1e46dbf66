import { describe, expect, it } from 'vitest';
import { chunkOf } from '../../src/domain/decisions/decision.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { threadFor } from '../../src/engine/chat/threads.ts';
import { createHouse } from '../../src/process/house.ts';
import { anAgent, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';
import { type Answering, aTeam, type Teammate, WITHOUT_APPROVE } from '../support/team.ts';
import { ANN, agentOf, decided, EMAIL, made, NOTE, ran, theTeam } from '../support/team-scene.ts';

describe('a change that waits', () => {
  it('waits for another where the token may write and not approve, whatever its client draws', async () => {
    const team = aTeam();
    const forms: Answering = { forms: [], decision: 'approve' };
    const nina = await team.member('nina', { scopes: WITHOUT_APPROVE }, forms);
    const unasked = { approval: { auto_approve: ['email_message'] } };
    const { agent, change_id } = await nina.call('create_agent', agentOf([EMAIL], unasked));
    expect([forms.forms, agent.approval.unasked.granted, change_id]).toEqual([[], false, expect.any(String)]);
    const { error } = await nina.call('update_agent', { agent_id: agent.id, changes: unasked });
    expect(error).toMatchObject({
      code: 'FORBIDDEN',
      details: { change_id },
      message: expect.stringContaining('agents:approve'),
    });
    // With the scope the same call draws its form.
    const mia = await team.member('mia', {}, forms);
    expect((await mia.call('create_agent', agentOf([EMAIL], unasked))).agent.approval.unasked.granted).toBe(true);
    expect(forms.forms).toHaveLength(1);
    const by = (who: Teammate) => decideChange(who.house, who.person, { change_id, decision: 'approve', via: 'human' });
    await expect(by(nina)).rejects.toThrow(/lacks agents:approve/);
    await expect(by(mia)).rejects.toThrow(/No change with the id/);
    const adam = await team.member('adam', { role: 'admin' });
    expect((await by(adam)).outcome).toBe('approved');
    expect((await nina.call('get_agent', { agent_id: agent.id })).agent.approval.unasked.granted).toBe(true);
  });

  it('is made as its asker’s, whoever decides on it, and is seen by whoever will see what it makes', async () => {
    const { team, adam, mia, max } = await theTeam();
    const elsewhere = { connections: { callback_url: 'https://elsewhere.example/hook' } };
    const { error } = await mia.call('create_agent', agentOf([NOTE], elsewhere));
    const { change_id } = error.details;
    const waiting = async (who: Teammate) => (await who.call('list_pending_actions')).changes_total ?? 0;
    expect([await waiting(mia), await waiting(adam), await waiting(max)]).toEqual([1, 1, 0]);
    // The same call of another is another change: each is its asker's.
    expect((await adam.call('create_agent', agentOf([NOTE], elsewhere))).error.details.change_id).not.toBe(change_id);
    await decideChange(adam.house, adam.person, { change_id, decision: 'approve', via: 'human' });
    const { agents } = await mia.call('list_agents');
    const { agent } = await mia.call('get_agent', { agent_id: agents[0].id });
    expect(agent).toMatchObject({ owner: 'p_mia', team: 1, created_by: 'mia (test 1)' });
    const [last] = (await team.house.read((view) => view.decisions(chunkOf(1)))).slice(-1);
    expect([last?.by, last?.person]).toEqual(['adam', 'p_adam']);
  });

  it('of a public agent is seen by a member, and not theirs to decide', async () => {
    const { adam, mia } = await theTeam();
    const { change_id } = await adam.call(
      'create_agent',
      agentOf([EMAIL], { visibility: 'public', approval: { auto_approve: ['email_message'] } }),
    );
    expect((await mia.call('list_pending_actions')).changes).toMatchObject([{ change_id }]);
    const args = { change_id, decision: 'approve', via: 'human' } as const;
    await expect(decideChange(mia.house, mia.person, args)).rejects.toThrow(/isn't yours to change/);
  });
});

describe('an identity, which belongs to the home', () => {
  it('asks for the demands of agents that the caller does not see, and names none of them', async () => {
    const team = aTeam();
    const forms: Answering = { forms: [], decision: 'approve' };
    const [mia, max] = [await team.member('mia'), await team.member('max', {}, forms)];
    await max.call('import_contacts', { contacts: [ANN] });
    const { identity } = await max.call('save_identity', { name: 'Maya', email: 'maya@example.com' });
    const more = { name: 'Her secret', identity_id: identity.id };
    const agent_id = await made(mia, [EMAIL], more);
    await ran(mia, agent_id);
    const save = (email: string) => max.call('save_identity', { identity_id: identity.id, name: 'Maya', email });
    expect((await save('other@example.com')).identity.email).toBe('other@example.com');
    expect(forms.forms.join()).toContain('other agents');
    expect(forms.forms.join()).not.toContain('Her secret');
    await mia.call('update_agent', { agent_id, changes: { approval: { min_proof: 'human' } } });
    const { error } = await save('third@example.com');
    expect(error).toMatchObject({ code: 'FORBIDDEN', details: { needed: 'human' } });
    const { changes } = await max.call('list_pending_actions');
    expect(changes).toMatchObject([{ change_id: error.details.change_id, needs: 'human' }]);
    expect(JSON.stringify([error, changes])).not.toMatch(/Her secret|ag_/);
    const args = { change_id: error.details.change_id, decision: 'approve' } as const;
    await expect(decideChange(max.house, max.person, { ...args, via: 'elicited' })).rejects.toThrow(/A person decides/);
  });

  it('ends permissions of each owner’s agents, and asks each owner for their own', async () => {
    const team = aTeam();
    const forms: Answering = { forms: [], decision: 'approve' };
    const [mia, max] = [await team.member('mia', {}, forms), await team.member('max', {}, forms)];
    const { identity } = await max.call('save_identity', { name: 'Maya', email: 'maya@example.com' });
    const unasked = { identity_id: identity.id, approval: { auto_approve: ['email_message'] } };
    await made(mia, [EMAIL], { ...unasked, name: 'Hers' });
    await made(max, [EMAIL], { ...unasked, name: 'His' });
    await made(max, [EMAIL], { ...unasked, name: 'His too' });
    const { warnings } = await max.call('save_identity', {
      ...{ identity_id: identity.id, name: 'Maya', email: 'maya@example.com', signature: 'M.' },
    });
    expect(warnings.join()).toMatch(/"His", "His too", other agents/);
    const what = async (who: Teammate) =>
      (await who.call('list_pending_actions')).changes.map((change: { what: string[] }) => change.what.join());
    expect(await what(max)).toEqual([expect.stringMatching(/"His".*"His too"/)]);
    expect(await what(mia)).toEqual([expect.stringContaining('"Hers"')]);
    expect(await what(await team.stdio())).toHaveLength(2);
  });
});

describe('the brake', () => {
  it('tells who takes it off of what they see', async () => {
    const team = aTeam();
    const forms: Answering = { forms: [], decision: 'approve' };
    const [mia, max] = [await team.member('mia'), await team.member('max', {}, forms)];
    await mia.call('import_contacts', { contacts: [ANN] });
    const run_id = await ran(mia, await made(mia, [EMAIL]));
    await mia.call('set_brake', { on: true });
    expect((await decided(mia, run_id, 'approve_action')).action.status).toBe('approved');
    expect((await max.call('set_brake', { on: false })).brake.on).toBe(false);
    expect(forms.forms).toHaveLength(1);
    expect(forms.forms[0]).not.toContain('1 email');
  });
});

describe('a deleted agent', () => {
  it('is as private as it was: its conversations stay its owner’s, also in a home that is opened again', async () => {
    const { team, mia, max, adam } = await theTeam();
    const agent_id = await made(mia);
    const run_id = await ran(mia, agent_id);
    await decided(mia, run_id, 'approve_action');
    await team.house.commit('Mia', (_view, { at }) => {
      const thread_id = '0b8f3c1e-6c1d-4f0e-9d57-1f1a1d0f7a11';
      const thread = { thread_id, agent_id, status: 'open' as const, messages: 0, created_by: 'Mia' };
      const message = { role: 'user' as const, content: 'hers', id: 'm', agent_iteration_id: 'i', at };
      return {
        events: [{ type: 'thread_talked', thread: { ...thread, created_at: at, updated_at: at }, messages: [message] }],
        value: undefined,
      };
    });
    await mia.call('delete_agent', { agent_id });
    const threads = async (who: Teammate) => (await who.call('list_threads')).total;
    expect([await threads(mia), await threads(adam), await threads(max)]).toEqual([1, 1, 0]);
    expect((await max.call('get_contact', { contact_id: 'ann' })).recent_actions).toEqual([
      { type: 'note', status: 'executed', at: expect.any(String) },
    ]);
    const his = await made(max);
    // A client names its threads itself: one that is another's begins a thread as one that is nobody's.
    for (const id of ['0b8f3c1e-6c1d-4f0e-9d57-1f1a1d0f7a11', '0b8f3c1e-6c1d-4f0e-9d57-1f1a1d0f7a12'])
      expect(await max.house.read((view) => threadFor(view, { id: his, name: 'His' }, id, new Date()))).toEqual({
        begins: id,
      });
    await team.house.store.settle();
    const again = createHouse(aStore(team.home, testDeps(team.home)), testDeps(team.home));
    expect(await again.read((view) => view.belonging(agent_id))).toEqual({
      owner: 'p_mia',
      team: 1,
      visibility: 'private',
    });
    await again.store.close();
  });
});

describe('an agent of before there were teams', () => {
  it('is the home owner’s, in team 1: for owner and admin to see, and no member', async () => {
    const { team, adam, max } = await theTeam();
    const { owner: _owner, team: _team, ...old } = anAgent({ id: 'ag_old', name: 'Old' });
    await team.house.commit('countersign', () => ({ events: [{ type: 'agent_saved', agent: old }], value: undefined }));
    expect((await adam.call('get_agent', { agent_id: 'Old' })).agent).toMatchObject({ owner: 'owner', team: 1 });
    expect((await max.call('get_agent', { agent_id: 'Old' })).error.code).toBe('NOT_FOUND');
    const { agent } = await adam.call('update_agent', { agent_id: 'Old', changes: { description: 'd' } });
    expect(agent).toMatchObject({ owner: 'owner', team: 1, version: 2 });
  });
});

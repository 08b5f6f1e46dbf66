import { describe, expect, it } from 'vitest';
import { ERAS, startServer } from '../support/server.ts';

const RULES = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call {{ contact.id }} {{ now }}' } }] }];

describe.each(ERAS)('what waits, with %s', (era) => {
  it('is told in the next result, in content and structured content, and never in a resource', async () => {
    const here = await startServer({ era });
    await here.call('import_contacts', { contacts: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
    const { agent } = await here.call('create_agent', {
      name: 'A',
      capabilities: ['notes'],
      playbook: { rules: RULES },
    });
    const run = await here.call('trigger_agent', { agent_id: agent.id, contact_ids: ['a'] });
    expect(run.next).toContain('1 action');
    expect(run).not.toHaveProperty('notice');
    expect(await here.call('list_contacts')).not.toHaveProperty('notice');

    const there = await startServer({ home: here.home });
    // A person who opens a new conversation is told at once.
    expect((await there.call('list_contacts')).notice).toMatch(/^1 action waits.*list_pending_actions/);
    await there.call('trigger_agent', { agent_id: agent.id, contact_ids: ['b', 'c'] });

    expect(await here.resource('countersign://contacts/a')).toEqual(
      await here.call('get_contact', { contact_id: 'a' }),
    );
    const told = await here.raw('list_identities');
    expect(told.structuredContent.notice).toBe('3 actions wait for a decision: list_pending_actions shows them.');
    expect(JSON.parse(told.content[0].text)).toEqual(told.structuredContent);
    expect(await here.call('get_agent', { agent_id: agent.id })).not.toHaveProperty('notice');

    const background = await here.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0 });
    await expect.poll(async () => (await here.resource('countersign://pending')).total).toBe(6);
    const later = await here.call('list_contacts');
    // A run this short may have ended before its own result was sent.
    expect([background.notice, later.notice]).toContain(
      '6 actions wait for a decision: list_pending_actions shows them.',
    );
    expect(await here.call('list_contacts')).not.toHaveProperty('notice');
    await Promise.all([here.close(), there.close()]);
  });
});

describe('a server without the review tools', () => {
  it('does not send to a tool that it does not offer', async () => {
    const all = await startServer();
    await all.call('import_contacts', { contacts: [{ id: 'a' }] });
    const { agent } = await all.call('create_agent', {
      name: 'A',
      capabilities: ['notes'],
      playbook: { rules: RULES },
    });
    await all.call('trigger_agent', { agent_id: agent.id });
    const some = await startServer({ home: all.home, env: { COUNTERSIGN_TOOLSETS: 'contacts' } });
    expect(await some.call('list_contacts')).not.toHaveProperty('notice');
    const reading = await startServer({ home: all.home, env: { COUNTERSIGN_READ_ONLY: '1' } });
    expect((await reading.call('list_contacts')).notice).toMatch(/^1 action waits/);
    await Promise.all([all.close(), some.close(), reading.close()]);
  });
});

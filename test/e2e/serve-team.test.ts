import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../support/served.ts';
import { type Connection, type Era, startServer } from '../support/server.ts';

/** Words that stand in the private agent, and nowhere else. */
const SECRET = /zq\w+/;
const RULES = [
  {
    name: 'all',
    propose: [
      { type: 'note', params: { body: 'zqbody' } },
      { type: 'email_message', params: { subject: 'zqsubject', message: 'zqmail' } },
    ],
    reasoning: 'zqwhy',
  },
];

/** Everything that a caller reads of a home by tools, resources, completions and prompts, as one text. */
async function allThatIsTold(who: Connection): Promise<string> {
  const told: unknown[] = [await who.tools(), await who.resources(), await who.prompts()];
  for (const [name, args] of [
    ['list_agents', {}],
    ['list_runs', {}],
    ['list_pending_actions', {}],
    ['list_threads', {}],
    ['list_contacts', {}],
    ['list_identities', {}],
    ['get_contact', { contact_id: 'ann' }],
  ] as const)
    told.push(await who.call(name, args));
  for (const uri of ['countersign://pending', 'countersign://contacts/ann']) told.push(await who.resource(uri));
  for (const value of ['', 'zq', 'ag_', 'run_']) {
    told.push(await who.complete('countersign://agents/{agent_id}', 'agent_id', value));
    told.push(await who.complete('countersign://runs/{run_id}', 'run_id', value));
  }
  told.push(await who.prompt('author_agent', { goal: 'write' }), await who.prompt('review_pending'));
  return JSON.stringify(told);
}

describe('four tokens of three roles over HTTP', () => {
  it('share a home, and not a byte of a private agent reaches who should not see it', async () => {
    const served = await serve();
    const join = async (name: string, era: Era, ...options: string[]) => {
      const over = { url: served.url, token: served.token(name, ...options) };
      const on = await startServer({ era, over });
      onTestFinished(() => on.close());
      return on;
    };
    const olga = await join('olga', 'sdk-2-modern', '--role', 'owner');
    const adam = await join('adam', 'sdk-1', '--role', 'admin');
    const mia = await join('mia', 'sdk-2-modern', '--role', 'member');
    const max = await join('max', 'sdk-2-legacy', '--role', 'member');
    const tess = await join('tess', 'sdk-1', '--role', 'admin', '--team', '2');
    await adam.call('import_contacts', { contacts: [{ id: 'ann', email: 'ann@example.com' }] });
    const { agent } = await mia.call('create_agent', {
      name: 'zqname',
      capabilities: ['notes', 'email'],
      playbook: { playbook_md: 'zqbook', rules: RULES },
    });
    expect(agent).toMatchObject({ team: 1, visibility: 'private' });
    const { run_id } = await mia.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    const address = await mia.shown({ run_id, contact_id: 'ann', action_index: 0 });
    expect((await mia.call('approve_action', address)).action.status).toBe('executed');
    const told = new RegExp(`${SECRET.source}|${agent.id}|${run_id}`);
    for (const who of [mia, adam, olga]) expect(await allThatIsTold(who)).toMatch(told);
    for (const who of [max, tess]) {
      expect(await allThatIsTold(who)).not.toMatch(told);
      expect((await who.refusal('get_agent', { agent_id: agent.id })).code).toBe('NOT_FOUND');
      expect((await who.refusal('get_run', { run_id })).code).toBe('NOT_FOUND');
      expect((await who.refusal('trigger_agent', { agent_id: 'zqname' })).code).toBe('NOT_FOUND');
      expect((await who.refusal('delete_agent', { agent_id: agent.id })).code).toBe('NOT_FOUND');
      const { recent_actions, notes } = await who.call('get_contact', { contact_id: 'ann' });
      expect(recent_actions.map((each: object) => Object.keys(each))).toEqual(Array(2).fill(['type', 'status', 'at']));
      expect(notes).toEqual([]);
    }
    expect(
      (await max.refusal('create_agent', { name: 'X', visibility: 'public', playbook: { playbook_md: 'x' } })).code,
    ).toBe('FORBIDDEN');
    // Another token of hers is hers: persons own agents, not tokens.
    const again = await join('mia', 'sdk-1', '--role', 'member');
    expect((await again.call('get_agent', { agent_id: agent.id })).agent.owner).toBe(agent.owner);
    // Over stdio beside it, the home's owner sees all.
    const stdio = await startServer({ home: served.home });
    onTestFinished(() => stdio.close());
    expect(await allThatIsTold(stdio)).toMatch(told);
  }, 120_000);
});

import { describe, expect, it } from 'vitest';
import { DAY, Desk } from '../support/desk.ts';

type Propose = { type: string; params: Record<string, unknown> };

const email = (message: string, subject = 'Your plan'): Propose => ({
  type: 'email_message',
  params: { subject, message },
});
const post = (text: string): Propose => ({ type: 'webhook', params: { payload: { event: { Text: text } } } });

const FIRST = 'Hello Ann,\n\nwould a call help?';
/** The first message, as people read it, in letters of other kinds. */
const AGAIN = [
  FIRST.toUpperCase(),
  '  Hello Ann, would a call help?\n',
  'Hello\u00a0Ann,\r\nwould a call help?',
  'He\u200bllo Ann, would a\u00ad call help?',
  'Ｈｅｌｌｏ Ann, would a call help？',
];

async function blockedIn(desk: Desk, run_id: string): Promise<string[]> {
  const { run } = await desk.call('get_run', { run_id });
  return run.contact_results[0].blocked_actions.map(({ reason }: { reason: string }) => reason);
}

/** A run of a new agent that proposes this. Its URL is another one where it is given. */
async function proposes(desk: Desk, proposal: Propose, url = 'https://hooks.example.com/a') {
  const connections = { webhook_url: url };
  const agent_id = await desk.agent({ capabilities: ['email', 'notes', 'webhook'], connections }, [proposal]);
  const run_id = await desk.run(agent_id);
  return { agent_id, run_id, blocked: await blockedIn(desk, run_id) };
}

async function decide(desk: Desk, run_id: string, tool: 'approve_action' | 'reject_action', reason?: string) {
  const { digest } = await desk.row(run_id);
  const row = { run_id, contact_id: 'ann', action_index: 0, expected_digest: digest };
  return desk.call(tool, { ...row, ...(reason ? { reason } : {}) });
}

describe('an action that says the same as an earlier one', () => {
  it.each(AGAIN)('is blocked while that one waits: %j', async (text) => {
    const desk = new Desk();
    await desk.contact();
    const first = await proposes(desk, email(FIRST));
    expect((await proposes(desk, email(text))).blocked).toEqual([
      `the same action is pending_approval already (run ${first.run_id})`,
    ]);
  });

  it('is blocked after that one was rejected, with the reason, and once it was executed, for 30 days', async () => {
    const desk = new Desk();
    await desk.contact();
    const rejected = await proposes(desk, email(FIRST));
    await decide(desk, rejected.run_id, 'reject_action', 'she asked us not to call');
    expect((await proposes(desk, email(AGAIN[1] ?? ''))).blocked).toEqual([
      'a person rejected the same action: "she asked us not to call"',
    ]);
    const sent = await proposes(desk, email('Another one'));
    await decide(desk, sent.run_id, 'approve_action');
    const again = email('ANOTHER one\u200b', 'your  PLAN');
    expect((await proposes(desk, again)).blocked).toEqual([expect.stringMatching(/^the same action was executed at /)]);
    desk.clock += 31 * DAY;
    expect((await proposes(desk, again)).blocked).toEqual([]);
  });

  it('is blocked within one answer too, and in every text of it, however deep', async () => {
    const desk = new Desk();
    await desk.contact();
    const capabilities = ['webhook'];
    const connections = { webhook_url: 'https://hooks.example.com/a' };
    const agent_id = await desk.agent({ capabilities, connections }, [post('Hello'), post(' HELLO\u200b ')]);
    const run_id = await desk.run(agent_id);
    expect(await blockedIn(desk, run_id)).toEqual([`the same action is pending_approval already (run ${run_id})`]);
  });

  it('is none where people read something else, or a name or a number differs', async () => {
    const desk = new Desk();
    await desk.contact();
    await proposes(desk, post('Hello'));
    const others: Propose[] = [
      post('Hello you'),
      { type: 'webhook', params: { payload: { event: { text: 'Hello' } } } },
      { type: 'webhook', params: { payload: { event: { Text: 'Hello', n: 1 } } } },
    ];
    for (const other of others) expect((await proposes(desk, other)).blocked).toEqual([]);
  });

  it('is none where it goes to another place: URLs count as they will be reached', async () => {
    const desk = new Desk();
    await desk.contact();
    const first = await proposes(desk, post('Hello'), 'https://hooks.example.com/a');
    expect((await proposes(desk, post('Hello'), 'https://HOOKS.example.com:443/x/../a')).blocked).toEqual([
      `the same action is pending_approval already (run ${first.run_id})`,
    ]);
    expect((await proposes(desk, post('Hello'), 'https://hooks.example.com/b')).blocked).toEqual([]);
  });

  it('went where it was decided to go, whatever its agent’s URL or the contact’s address is by now', async () => {
    const desk = new Desk();
    await desk.contact();
    const { agent_id, run_id } = await proposes(desk, post('Hello'));
    await decide(desk, run_id, 'reject_action', 'not there');
    const connections = { webhook_url: 'https://hooks.example.com/b' };
    await desk.call('update_agent', { agent_id, changes: { connections } });
    expect((await proposes(desk, post('Hello'))).blocked).toEqual(['a person rejected the same action: "not there"']);
    expect((await proposes(desk, post('Hello'), connections.webhook_url)).blocked).toEqual([]);
    const sent = await proposes(desk, email(FIRST));
    await decide(desk, sent.run_id, 'approve_action');
    expect((await proposes(desk, email(FIRST))).blocked).toHaveLength(1);
    await desk.contact({ email: 'ann@elsewhere.example' });
    expect((await proposes(desk, email(FIRST))).blocked).toEqual([]);
  });
});

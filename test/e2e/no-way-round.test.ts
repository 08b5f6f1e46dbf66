import { describe, expect, it, onTestFinished } from 'vitest';
import { accept, EMAIL, NOTE, waits } from '../support/person.ts';
import { type Connection, type OnForm, startServer } from '../support/server.ts';

const HOOK = { type: 'webhook', params: { payload: { n: 1 } } };
const POSTING = { capabilities: ['webhook', 'notes'], connections: { webhook_url: 'https://hooks.example.invalid/x' } };
const UNASKED = { require_approval: false };
const SENDER = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 };
const LONG = { ...HOOK, params: { payload: { text: 'x'.repeat(9000) } } };

/** Every way in which a call can fall short of the proof that it needs, and what is said of it beside refusals. */
async function everyRefusal(server: Connection): Promise<unknown[]> {
  const heard: unknown[] = [];
  const say = async (name: string, args: Record<string, unknown> = {}) => {
    const result = await server.raw(name, args);
    heard.push(result);
    return result;
  };
  const decided = async (at: { run_id: string; contact_id: unknown; action_index: number }, more: object = {}) => {
    await say('approve_action', { ...(await server.shown(at)), ...more });
    await say('settle_action', { ...(await server.shown(at)), outcome: 'retry' });
    const { review_token } = await server.call('list_pending_actions', { run_id: at.run_id });
    await say('review_actions', { decision: 'approve', review_token: review_token ?? 'rev_none' });
  };
  const contacts = ['p', 'q'].map((id) => ({ id, email: `${id}@example.com` }));
  await say('import_contacts', { contacts });
  const { identity } = await server.call('save_identity', SENDER);
  for (const [propose, settings, provider] of [
    [HOOK, POSTING, 'rules'],
    [LONG, POSTING, 'rules'],
    [EMAIL, { identity_id: identity.id }, 'rules'],
    [NOTE, {}, 'assistant'],
    [NOTE, { approval: { min_proof: 'elicited' } }, 'rules'],
    [NOTE, { approval: { min_proof: 'human' } }, 'rules'],
  ] as const) {
    const { agent, at } = await waits(server, propose, { ...settings }, provider);
    await decided(at);
    await decided((await waits(server, propose, { ...settings }, provider, ['q'])).at, { params: propose.params });
    for (const changes of [
      { approval: UNASKED },
      { approval: { auto_approve: ['webhook', 'email_message', 'note'] } },
      { approval: { min_proof: 'client' } },
      { connections: { webhook_url: 'https://else.example.invalid/x' } },
    ])
      await say('update_agent', { agent_id: agent.id, changes });
    await say('save_identity', { ...SENDER, email: 'eve@acme.example', identity_id: identity.id });
    await say('get_run', { run_id: at.run_id });
    await say('get_agent', { agent_id: agent.id });
    await say('delete_agent', { agent_id: agent.id });
  }
  const playbook = { rules: [{ name: 'all', propose: [HOOK] }] };
  for (const approval of [UNASKED, { auto_approve: ['webhook'] }, { min_proof: 'human', ...UNASKED }])
    await say('create_agent', { name: 'Alone', ...POSTING, playbook, approval });
  await say('set_brake', { on: true });
  await say('set_brake', { on: false });
  for (const { name } of await server.tools()) await say(name, {});
  heard.push(await server.tools(), server.instructions(), await server.prompts());
  heard.push(await server.prompt('review_pending'), await server.resource('countersign://pending'));
  return heard;
}

/** What a refusal for want of a proof says to the person, and the ways that it names. */
function refusalIn(result: unknown): { message: string; ways: string[] }[] {
  const text = JSON.stringify(result ?? '').includes('"isError":true') ? result : undefined;
  const { content } = JSON.parse(JSON.stringify(text ?? { content: [] }));
  return content.flatMap((item: { text: string }) => {
    const { code, message, details } = JSON.parse(item.text).error;
    return code === 'FORBIDDEN' ? [{ message, ways: details?.ways ?? [] }] : [];
  });
}

describe.each([
  [undefined, undefined],
  ['elicited', undefined],
  ['human', undefined],
  [undefined, { action: 'decline' }],
  [undefined, accept({ decision: 'leave it waiting' })],
  [undefined, accept({ decision: 'reject' })],
  ['human', accept({ decision: 'approve' })],
])('with the least proof %j, and a form answered by %j', (proof, answer) => {
  it('no result names the variable, or what would make a plain call enough', async () => {
    const env = { COUNTERSIGN_SMTP: 'smtp://127.0.0.1:9', ...(proof ? { COUNTERSIGN_MIN_PROOF: proof } : {}) };
    const onForm: OnForm | undefined = answer && (() => answer);
    const server = await startServer({ env, ...(onForm ? { onForm } : {}) });
    onTestFinished(() => server.close());
    const heard = await everyRefusal(server);
    const texts = heard.map((each) => JSON.stringify(each ?? ''));
    expect(texts.filter((text) => /MIN_PROOF|trust the client|=client\b/.test(text))).toEqual([]);
    const refused = heard.flatMap(refusalIn);
    expect(refused.length).toBeGreaterThan(5);
    for (const { message, ways } of refused) {
      expect(message).not.toMatch(/min_proof|elicited|"client"|"human"|MCP/);
      // A no of the person is no shortfall: nothing else would do.
      if (ways.length === 0) continue;
      const [desk, command] = ways;
      expect([desk, ways.length]).toEqual(['open_desk', 2]);
      expect(command).toMatch(/^\/\S+node \/\S+countersign\.js (review|resume) --home \/\S+$/);
    }
    expect(refused.flatMap(({ ways }) => ways).length).toBeGreaterThan(5);
  });
});

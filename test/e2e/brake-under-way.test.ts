import { describe, expect, it } from 'vitest';
import { aPerson, twoProcesses } from '../support/braked.ts';
import { aNote, chatScene, inTurn } from '../support/chat.ts';
import { finished, modelScene, startOn } from '../support/model-scene.ts';
import { aSink } from '../support/sink.ts';
import { testTools } from '../support/tool-server.ts';

/** A gate that stays shut until `open` is called. */
function aGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** An agent whose model thinks about its second contact until the gate opens, with the brake on by then. */
async function thinking(contacts: number) {
  const gate = aGate();
  const script = { hold: ({ n }: { n: number }) => (n === 1 ? gate.opened : undefined) };
  const { model, on, agent_id, home } = await modelScene({ script, contacts, llm: { concurrency: 1 } });
  const person = await aPerson(home, { COUNTERSIGN_ALLOW_HOSTS: model.host });
  const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
  await expect.poll(() => model.asked.length).toBe(2);
  await person.call('set_brake', { on: true });
  gate.open();
  return { model, on, person, home, run_id };
}

describe('a run under way in another process', () => {
  it('stops after the contact in hand, and goes on by itself once the brake is off', async () => {
    const { model, on, person, run_id } = await thinking(5);
    const evaluated = async () => (await on.call('get_run', { run_id })).run.summary.contacts_evaluated;
    // The answer that was paid for is kept.
    await expect.poll(evaluated).toBe(2);
    expect(model.asked).toHaveLength(2);
    expect((await person.call('get_run', { run_id })).run.status).toBe('running');
    await person.call('set_brake', { on: false });
    await expect.poll(async () => (await finished(on, run_id)).status, { timeout: 30_000 }).toBe('completed');
    expect([await evaluated(), model.asked.length]).toEqual([5, 5]);
  });

  it('is taken up by a living process where its own died meanwhile', async () => {
    const { model, on, person, home, run_id } = await thinking(4);
    await on.close();
    const heir = await startOn(home, model);
    await person.call('set_brake', { on: false });
    await expect.poll(async () => (await finished(heir, run_id)).status, { timeout: 60_000 }).toBe('completed');
    expect((await finished(heir, run_id)).summary.contacts_evaluated).toBe(4);
  });
});

describe('an attempt that had begun', () => {
  it('ends by itself, so that its outcome is known; the next one waits', async () => {
    const gate = aGate();
    const hook = await aSink((_request, response) => gate.opened.then(() => response.end('ok')));
    const { worker, person, agent, run_id, actions } = await twoProcesses(
      [{ type: 'webhook', params: { payload: { n: 1 } } }],
      hook,
    );
    expect(agent.connections.webhook_url).toContain(hook.host);
    const approve = async (contact_id: string) =>
      worker.call('approve_action', {
        ...(await worker.shown({ run_id, contact_id, action_index: 0 })),
        wait_seconds: 0,
      });
    await approve('p');
    await expect.poll(() => hook.requests.length).toBe(1);
    await person.call('set_brake', { on: true });
    expect((await approve('q')).action).toMatchObject({ status: 'approved' });
    gate.open();
    const statuses = async () => (await actions()).map(({ status }: { status: string }) => status).sort();
    await expect.poll(statuses).toEqual(['approved', 'executed']);
    expect(hook.requests).toHaveLength(1);
    await person.call('set_brake', { on: false });
    await expect.poll(statuses, { timeout: 30_000 }).toEqual(['executed', 'executed']);
    expect(hook.requests).toHaveLength(2);
  });
});

describe('a chat that was under way', () => {
  it('ends with its reply: it calls no tool, posts to no callback, and what it proposes waits', async () => {
    const [gate, tools, callback] = [aGate(), testTools(), await aSink()];
    const proposal = { reasoning: 'r', proposed_actions: [aNote('Call Ann')], contact_id: 'c1' };
    const { model, on, home, say } = await chatScene({
      script: {
        hold: ({ n }) => (n === 0 ? gate.opened : undefined),
        reply: inTurn(
          { text: '', calls: [{ name: 'crm_send', input: { to: 'ann@example.com', text: 'hello' } }] },
          { text: '', calls: [{ name: 'propose_actions', input: proposal }] },
          { text: 'I could not send it.' },
        ),
      },
      agent: { custom_functions: ['crm/send'], connections: { callback_url: callback.url('/chat') } },
      config: { mcpServers: { crm: tools.entry() }, chatTools: ['crm/send'] },
      hosts: callback.host,
    });
    const person = await aPerson(home);
    const reply = say('Send Ann a hello.');
    await expect.poll(() => model.asked.length).toBe(1);
    await person.call('set_brake', { on: true });
    gate.open();
    expect(await reply).toMatchObject({ response: 'I could not send it.' });
    expect(model.asked[1]?.said).toContain('No tool is called while the brake is on');
    expect([tools.calls(), callback.connections()]).toEqual([[], 0]);
    expect((await on.call('list_pending_actions')).actions).toMatchObject([{ type: 'note', source: 'chat' }]);
  });
});

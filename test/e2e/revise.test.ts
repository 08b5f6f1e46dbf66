import { describe, expect, it } from 'vitest';
import { aNote, chatScene, inTurn, propose } from '../support/chat.ts';
import { lapse } from '../support/lapse.ts';
import { modelScene, startOn } from '../support/model-scene.ts';
import { noting } from '../support/model-server.ts';

describe('an action that is sent back', () => {
  it('by a process that is killed while the model thinks gets its one new draft from another process', async () => {
    const { model, home, on, agent_id } = await modelScene({
      script: {
        reply: ({ n }) => (n === 1 ? { misbehave: 'hang' } : { text: noting(n === 0 ? 'Ring.' : 'Ring on Friday.') }),
      },
      contacts: 1,
    });
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 20 });
    const ref = { run_id, contact_id: 'c0', action_index: 0 };
    const asked = on.raw('revise_action', { ...ref, feedback: 'Say which day.' }).catch(() => 'killed');
    await expect.poll(() => model.asked.length).toBe(2);
    if (on.pid !== undefined) process.kill(on.pid, 'SIGKILL');
    expect(await asked).toBe('killed');
    await lapse(home);
    const live = await startOn(home, model);
    const actions = async () => (await live.call('get_run', { run_id })).run.contact_results[0].proposed_actions;
    expect((await actions())[0]).toMatchObject({ status: 'cancelled', reason: 'Say which day.' });
    await expect.poll(async () => (await actions()).length, { interval: 100, timeout: 20_000 }).toBe(2);
    expect(await actions()).toMatchObject([{ superseded_by: 1 }, { params: { body: 'Ring on Friday.' } }]);
    const other = await startOn(home, model);
    await other.call('list_pending_actions');
    expect(model.asked).toHaveLength(3);
    expect(await actions()).toHaveLength(2);
  });

  it('is not what came from a chat: a CONFLICT that leaves it waiting', async () => {
    const { on, say } = await chatScene({
      script: {
        reply: inTurn(propose({ contact_id: 'c1', reasoning: 'r', proposed_actions: [aNote('Ring.')] }), {
          text: 'Noted.',
        }),
      },
    });
    await say('Note something about ann@example.com.');
    const { actions } = await on.call('list_pending_actions');
    const [{ run_id, contact_id, action_index }] = actions;
    const ref = { run_id, contact_id, action_index };
    expect(await on.refusal('revise_action', { ...ref, feedback: 'Shorter.' })).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('chat'),
    });
    expect((await on.call('list_pending_actions')).total).toBe(1);
  });
});

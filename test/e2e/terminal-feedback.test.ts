import { describe, expect, it, onTestFinished } from 'vitest';
import { modelScene, startOn } from '../support/model-scene.ts';
import { noting } from '../support/model-server.ts';
import { NOTE, waits } from '../support/person.ts';
import { startServer } from '../support/server.ts';
import { MENU, openReview, PROPOSALS, waiting } from '../support/terminal.ts';

describe('countersign review sends an action back with feedback', () => {
  it('to the assistant that proposed it, which gets the draft and the words', async () => {
    const server = await startServer();
    onTestFinished(() => server.close());
    await server.call('import_contacts', { contacts: [{ id: 'p' }] });
    const { run_id, at } = await waits(server, NOTE, {}, 'assistant');
    const terminal = openReview(server.home);
    await terminal.until('[f]eedback');
    terminal.type('f');
    await terminal.until('How should it be?');
    terminal.type('Say which day.');
    await terminal.until(/Sent back +│ Your assistant gets it/);
    await terminal.until('approved 0, rejected 0, sent back 1, skipped 0, still waiting 0');
    expect(await terminal.exit).toBe(0);
    const { run } = await server.call('get_run', { run_id });
    expect(run.contact_results[0].proposed_actions).toMatchObject([
      { status: 'cancelled', reason: 'Say which day.', decided_via: 'human' },
    ]);
    const { evaluation } = await server.call('next_evaluation', { run_id });
    expect(evaluation).toMatchObject({ contact_id: at.contact_id });
    expect(JSON.stringify(evaluation)).toContain('Say which day.');
  });

  it('nowhere by Enter, and not at all what a rule proposed: that is said, and it waits', async () => {
    const { home, actions } = await waiting([PROPOSALS.NOTE]);
    const terminal = openReview(home);
    const [shown] = await terminal.until(/\[a\]pprove.*\[q\]uit >/);
    expect(shown).not.toContain('[f]eedback');
    terminal.type('f');
    await terminal.until(/Not possible +│ A rule proposed this, and a rule can't be told anything: edit it here/);
    await terminal.until(MENU);
    terminal.type('q');
    await terminal.until('still waiting 1');
    expect(await terminal.exit).toBe(0);
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
  });

  it('to a model, whose new draft comes up next; Enter instead of words decides nothing', async () => {
    const reply = ({ n }: { n: number }) => ({ text: noting(n === 0 ? 'Ring.' : 'Ring on Friday.') });
    const { model, home, on, agent_id } = await modelScene({ script: { reply }, contacts: 1 });
    await on.call('trigger_agent', { agent_id, wait_seconds: 20 });
    const terminal = openReview(home, { env: { COUNTERSIGN_ALLOW_HOSTS: model.host } });
    await terminal.until(MENU);
    terminal.type('f');
    await terminal.until('How should it be?');
    terminal.type('');
    await terminal.until(MENU);
    expect(model.asked).toHaveLength(1);
    terminal.type('f');
    await terminal.until('How should it be?');
    terminal.type('Say which day.');
    await terminal.until(/Sent back +│ The new draft waits, and comes up\./);
    await terminal.until('Ring on Friday.');
    await terminal.until(MENU);
    terminal.type('q');
    expect(await terminal.exit).toBe(0);
    const { actions } = await on.call('list_pending_actions');
    expect(actions).toMatchObject([{ params: { body: 'Ring on Friday.' }, revises: 0 }]);
  });

  it('to a model that the terminal has no key for, by a server that has it', async () => {
    const key = 'COUNTERSIGN_TEST_KEY';
    const reply = ({ n }: { n: number }) => ({ text: noting(n === 0 ? 'Ring.' : 'Ring on Friday.') });
    const env = { [key]: 'sk-test' };
    const scene = { script: { reply }, contacts: 1, env, llm: { api_key_env: key } };
    const { model, home, on, agent_id } = await modelScene(scene);
    await on.call('trigger_agent', { agent_id, wait_seconds: 20 });
    await on.close();
    const terminal = openReview(home, { env: { COUNTERSIGN_ALLOW_HOSTS: model.host } });
    await terminal.until(MENU);
    terminal.type('f');
    await terminal.until('How should it be?');
    terminal.type('Say which day.');
    await terminal.until(/Sent back +│ The model is asked by a server of your AI program\./);
    await terminal.until('sent back 1');
    expect(await terminal.exit).toBe(0);
    expect(model.asked).toHaveLength(1);
    const later = await startOn(home, model, env);
    const waitingNow = async () => (await later.call('list_pending_actions')).actions;
    await expect.poll(waitingNow, { interval: 200 }).toMatchObject([{ params: { body: 'Ring on Friday.' } }]);
  });
});

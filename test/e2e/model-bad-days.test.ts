import { describe, expect, it } from 'vitest';
import { lapse } from '../support/lapse.ts';
import { about, finished, modelScene, startOn } from '../support/model-scene.ts';
import { noting, type Script } from '../support/model-server.ts';
import { quietStore } from '../support/verified.ts';

describe("a model server's bad days", () => {
  it('loses nobody to 429 with Retry-After', async () => {
    const { on, agent_id } = await modelScene({
      script: {
        reply: ({ n }) => (n % 5 === 0 ? { status: 429, headers: { 'retry-after': '1' } } : { text: noting('x') }),
      },
      contacts: 40,
      agent: { monitoring: { max_contacts_per_run: 40 } },
      llm: { concurrency: 10 },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run.summary).toMatchObject({ contacts_evaluated: 40, actions_pending_approval: 40, errors: 0 });
  });

  it("makes silence, garbage and endless refusals those contacts' errors, and keeps the rest", async () => {
    const replies: Record<string, ReturnType<NonNullable<Script['reply']>>> = {
      c0: { misbehave: 'hang' },
      c1: { garbage: 'not JSON at all' },
      c2: { status: 429, headers: { 'retry-after': '0' } },
      c3: { misbehave: 'drip' },
      c4: { text: 'I refuse to speak JSON.' },
    };
    const { on, agent_id } = await modelScene({
      script: { reply: ({ said }) => replies[about(said)] ?? { text: noting('fine') } },
      contacts: 8,
      env: { COUNTERSIGN_MODEL_TIMEOUT: '3' },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({
      status: 'completed',
      summary: { contacts_evaluated: 8, errors: 5, actions_pending_approval: 3 },
    });
    const { contact_results } = await finished(on, run.run_id);
    const messages = Object.fromEntries(
      contact_results.map((result: { contact_id: string; error?: { message: string } }) => [
        result.contact_id,
        result.error?.message,
      ]),
    );
    expect(messages).toMatchObject({
      c0: expect.stringContaining('no answer in time'),
      c1: expect.stringContaining("isn't its protocol"),
      c2: expect.stringContaining('answered 429'),
      c3: expect.stringContaining('no answer in time'),
      c4: expect.stringContaining('no usable answer'),
      c5: undefined,
    });
  });

  it('reads answers of 16 MB no further than it has to, of a success and of an error', async () => {
    const endless = 'x'.repeat(16 << 20);
    const replies: Record<string, ReturnType<NonNullable<Script['reply']>>> = {
      c0: { text: endless },
      c1: { status: 400, body: JSON.stringify({ error: { message: endless } }) },
      c2: { garbage: `{"choices":${'['.repeat(1 << 20)}` },
    };
    const { on, agent_id } = await modelScene({
      script: { reply: ({ said }) => replies[about(said)] ?? { text: noting('fine') } },
      contacts: 4,
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({ status: 'completed', summary: { errors: 3, actions_pending_approval: 1 } });
    const { contact_results } = await finished(on, run.run_id);
    const errors = new Map<string, { code: string; message: string }>(
      contact_results.map(({ contact_id, error }: { contact_id: string; error: never }) => [contact_id, error]),
    );
    expect(errors.get('c0')).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('2 MB') });
    expect(errors.get('c1')).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('answered 400'),
    });
    expect(errors.get('c2')).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('nests') });
    for (const error of errors.values()) expect(JSON.stringify(error ?? '').length).toBeLessThan(3_000);
  });

  it('ends a run that nobody answers, instead of asking in vain about all the rest', async () => {
    const { model, on, agent_id } = await modelScene({
      script: { reply: () => ({ status: 401, body: '{"error":{"message":"who are you?"}}' }) },
      contacts: 60,
      agent: { monitoring: { max_contacts_per_run: 60 } },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'PROVIDER_ERROR' } });
    expect(run.error.message).toMatch(/20 contacts in a row.*who are you\?.*No key was sent.*contact\(s\) are left/);
    expect(run.summary.errors).toBe(run.summary.contacts_evaluated);
    expect(model.asked.length).toBeLessThan(30);
  });

  it("doesn't let a slow contact hold up the others", async () => {
    const { on, agent_id } = await modelScene({
      script: { reply: ({ said }) => (about(said) === 'c0' ? { misbehave: 'hang' } : { text: noting('fast') }) },
      contacts: 12,
      llm: { concurrency: 2 },
    });
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect
      .poll(async () => (await on.call('get_run', { run_id, mode: 'summary' })).run.summary.contacts_evaluated)
      .toBe(11);
    await on.call('cancel_run', { run_id });
  });

  it.each(['the same process', 'another process'])('is left by cancel_run from %s', async (where) => {
    const { model, on, agent_id, home } = await modelScene({
      script: { reply: ({ said }) => (about(said) === 'c0' ? { text: noting('first') } : { misbehave: 'hang' }) },
      llm: { concurrency: 2 },
    });
    const by = where === 'another process' ? await startOn(home, model) : on;
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect.poll(async () => (await on.call('get_run', { run_id })).run.summary.contacts_evaluated).toBe(1);
    await expect.poll(() => model.asked.length).toBe(3);
    // Nothing else ends these calls: an answer is waited for longer than a test may take.
    expect((await by.call('cancel_run', { run_id })).run).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => model.abandoned()).toBe(2);
    expect(await finished(on, run_id)).toMatchObject({ status: 'cancelled', summary: { actions_pending_approval: 1 } });
  });

  it('is asked again by the next process about nobody whose result was written', async () => {
    const { model, on, agent_id, home } = await modelScene({
      script: { latencyMs: 150 },
      contacts: 20,
      llm: { concurrency: 2 },
    });
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect
      .poll(async () => (await on.call('get_run', { run_id })).run.summary.contacts_evaluated)
      .toBeGreaterThan(4);
    if (on.pid !== undefined) process.kill(on.pid, 'SIGKILL');
    await on.close();
    // Read before there is anybody who could go on with it.
    const written = [...(await quietStore(home).read((view) => view.results(run_id).results)).keys()];
    const asked = model.asked.length;
    await lapse(home);
    const next = await startOn(home, model);
    expect(written.length).toBeGreaterThan(4);
    await expect
      .poll(async () => (await next.call('get_run', { run_id, wait_seconds: 5 })).run.status)
      .toBe('completed');
    const later = model.asked.slice(asked).map(({ said }) => about(said));
    expect(later.filter((id) => written.includes(id))).toEqual([]);
    expect(new Set([...written, ...later]).size).toBe(20);
  });
});

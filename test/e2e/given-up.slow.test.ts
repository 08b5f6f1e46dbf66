import { describe, expect, it } from 'vitest';
import { modelScene, startOn } from '../support/model-scene.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import type { Connection } from '../support/server.ts';

/** A run whose model never answers, and the next processes that take it up. */
async function stuckRun() {
  const { model, home, on, agent_id } = await modelScene({
    script: { reply: () => ({ misbehave: 'hang' }) },
    contacts: 2,
    llm: { concurrency: 1 },
  });
  const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
  const isAsked = (times: number) => expect.poll(() => model.asked.length, { timeout: 60_000 }).toBe(times);
  const statusOn = async (live: Connection) => (await live.call('get_run', { run_id, mode: 'summary' })).run;
  await isAsked(1);
  return { on, next: () => startOn(home, model), isAsked, statusOn };
}

function kill({ pid }: Connection): void {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

describe('a run over which its process died', () => {
  onlyJson(
    'a run that one process has; from a database it is taken in parts, and given up by contacts: taking.test.ts',
  ).it('is taken up by one more process, and is failed where that one dies too before a contact is done', async () => {
    const { on, next, isAsked, statusOn } = await stuckRun();
    kill(on);
    const second = await next();
    await isAsked(2);
    kill(second);
    const third = await next();
    await expect.poll(async () => (await statusOn(third)).status, { timeout: 60_000 }).toBe('failed');
    expect((await statusOn(third)).error).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('Two processes in turn took this run up'),
    });
    await isAsked(2);
  });

  it('goes on, however many processes had it, where each of them ended in order', async () => {
    const { on, next, isAsked, statusOn } = await stuckRun();
    await on.close();
    for (const times of [2, 3]) {
      const live = await next();
      await isAsked(times);
      await live.close();
    }
    const last = await next();
    await isAsked(4);
    expect((await statusOn(last)).status).toBe('running');
  });
});

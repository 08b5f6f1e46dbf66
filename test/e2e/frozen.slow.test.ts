import { expect, it } from 'vitest';
import { dateLeasesBack } from '../support/lapse.ts';
import { startServer } from '../support/server.ts';
import { aSink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const RULES = [
  {
    name: 'all',
    propose: ['busy', 'slow'].map((which) => ({ type: 'webhook', params: { payload: { which } } })),
  },
];

it('a process frozen while it acts tries nothing again that others took over, and what it did comes out', async () => {
  let answerSlowly: () => void = () => undefined;
  const bodies: string[] = [];
  const sink = await aSink(({ body }, response) => {
    const { which } = JSON.parse(body).payload;
    if (which === 'slow') answerSlowly = () => void response.end('ok');
    else if (bodies.includes(which)) response.end('ok');
    else response.writeHead(503, { 'retry-after': '4' }).end();
    bodies.push(which);
  });
  const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host };
  const first = await startServer({ env });
  await first.call('import_contacts', { contacts: [{ id: 'a' }] });
  const { agent } = await first.call('create_agent', {
    name: 'Poster',
    capabilities: ['webhook'],
    playbook: { rules: RULES },
    connections: { webhook_url: sink.url() },
  });
  const { run_id } = await first.call('trigger_agent', { agent_id: agent.id });
  const second = await startServer({ home: first.home, env });
  const statuses = async () => {
    const { run } = await second.call('get_run', { run_id });
    return run.contact_results[0].proposed_actions.map(({ status }: { status: string }) => status);
  };
  const approve = async (action_index: number) =>
    first.call('approve_action', await first.shown({ run_id, contact_id: 'a', action_index, wait_seconds: 0 }));
  await Promise.all([approve(0), approve(1)]);
  await expect.poll(() => [...bodies].sort()).toEqual(['busy', 'slow']);

  // Once it answers these it has read the refusal. It freezes before it tries again; its lease lapses as it does within a
  // quarter of a minute.
  for (let calls = 0; calls < 2; calls++) await first.call('get_run', { run_id });
  if (first.pid === undefined) throw new Error('no process');
  process.kill(first.pid, 'SIGSTOP');
  const frozenAt = Date.now();
  await dateLeasesBack(first.home, 60);
  await expect.poll(statuses).toEqual(['unknown', 'unknown']);
  const at = { run_id, contact_id: 'a', action_index: 0 };
  expect((await second.call('settle_action', await second.shown({ ...at, outcome: 'retry' }))).action.status).toBe(
    'executed',
  );
  // Eight seconds more than it would have waited by itself.
  await pause(Math.max(0, frozenAt + 13_000 - Date.now()));

  process.kill(first.pid, 'SIGCONT');
  answerSlowly();
  await expect.poll(statuses).toEqual(['executed', 'executed']);
  // What it would send again it would have sent by now.
  await first.call('get_run', { run_id });
  await pause(500);
  expect([...bodies].sort()).toEqual(['busy', 'busy', 'slow']);
  await Promise.all([first.close(), second.close()]);
});

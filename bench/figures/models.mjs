import { loopbackModel } from '../../scripts/loopback-model.mjs';
import { countersign, temporaryFolder, using } from '../homes.mjs';
import { interleaved, timed } from '../measure.mjs';

const CONTACTS = 200;
const CONCURRENCY = 10;
const LATENCY_MS = 100;
const IDEAL_MS = (CONTACTS / CONCURRENCY) * LATENCY_MS;
const WIRES = { anthropic: 'anthropic', 'openai chat': 'openai_compatible' };

/** Runs the work on a server with contacts, and with one agent for each wire format that asks this model. */
async function withAgents(model, work) {
  const env = { COUNTERSIGN_ALLOW_HOSTS: model.host, COUNTERSIGN_BENCH_KEY: 'none' };
  return using(countersign(temporaryFolder('models'), env), async (server) => {
    await server.call('import_contacts', {
      contacts: Array.from({ length: CONTACTS }, (_, i) => ({ id: `m${i}`, email: `m${i}@example.com` })),
      events: Array.from({ length: CONTACTS * 3 }, (_, i) => ({
        type: 'page',
        userId: `m${i % CONTACTS}`,
        properties: { path: `/page-${i}` },
        timestamp: '2026-01-02T03:04:05Z',
      })),
    });
    const agents = {};
    for (const [wire, provider] of Object.entries(WIRES)) {
      const { agent } = await server.call('create_agent', {
        name: wire,
        capabilities: ['notes', 'email'],
        playbook: { playbook_md: 'Note who looked at pricing.' },
        monitoring: { max_contacts_per_run: CONTACTS },
        llm_config: {
          ...{ provider, model: 'bench', base_url: `http://${model.host}` },
          ...{ api_key_env: 'COUNTERSIGN_BENCH_KEY', concurrency: CONCURRENCY },
        },
      });
      agents[wire] = () => server.call('trigger_agent', { agent_id: agent.id, dry_run: true, wait_seconds: 30 });
    }
    return work(agents);
  });
}

export async function models() {
  const model = await loopbackModel({ latencyMs: LATENCY_MS });
  const ms = await withAgents(model, (agents) =>
    interleaved(Object.fromEntries(Object.entries(agents).map(([wire, run]) => [wire, () => timed(run)]))),
  );
  model.close();
  return Object.entries(ms).map(([wire, value]) => ({
    figure: `run by a model, ${wire}`,
    means: `a dry run over ${CONTACTS} contacts, ${CONCURRENCY} at once, by a model that answers after ${LATENCY_MS} ms`,
    value,
    unit: 'ms',
    peer: { name: 'a client that costs nothing', value: IDEAL_MS, compare: 'length' },
    atMost: 1.1,
  }));
}

export async function refusals() {
  const model = await loopbackModel({ latencyMs: LATENCY_MS, refuseEvery: 5 });
  const lost = await withAgents(model, async (agents) => {
    let count = 0;
    for (const run of Object.values(agents)) {
      const { summary } = await run();
      count += CONTACTS - summary.actions_proposed;
    }
    return count;
  });
  model.close();
  return [
    {
      figure: 'run by a model that refuses',
      means: `contacts left without a result, of ${2 * CONTACTS} in two runs, where every fifth answer of the model is a 429`,
      value: lost,
      unit: 'contacts',
      atMost: 0,
    },
  ];
}

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { agentArgs, countersign, echo, memory, temporaryFolder } from '../homes.mjs';
import { interleaved, timed } from '../measure.mjs';

const FEW = 100;
const MANY = 10_000;

async function withAgents(count) {
  const server = countersign(temporaryFolder(`agents-${count}`));
  await server.initialize();
  const ids = [];
  for (let n = 0; n < count; n++) ids.push((await server.call('create_agent', agentArgs(n))).agent.id);
  return { server, ids };
}

async function withEntities(count) {
  const file = path.join(temporaryFolder('entities'), 'memory.json');
  const entity = (n) => ({ type: 'entity', name: `Entity ${n}`, entityType: 'agent', observations: ['one', 'two'] });
  writeFileSync(file, Array.from({ length: count }, (_, n) => JSON.stringify(entity(n))).join('\n'));
  const server = memory(file);
  await server.initialize();
  return server;
}

function rowsOf(created, got) {
  const create = {
    figure: '`create_agent`',
    means: 'one call among 10,000 agents, answered once the agent is safe on the disk',
    value: created.many,
    unit: 'ms',
  };
  const get = { figure: '`get_agent`', means: 'one call among 10,000 agents', value: got.many, unit: 'ms' };
  const entities = { name: 'create_entities of server-memory among 10,000 entities', value: created.memory };
  return [
    { ...create, peer: { name: 'the same among 100 agents', value: created.few, compare: 'length' }, atMost: 1.3 },
    { ...create, peer: { ...entities, compare: 'speed' }, atLeast: 20 },
    { ...get, peer: { name: 'the same among 100 agents', value: got.few, compare: 'length' }, atMost: 1.3 },
    { ...get, peer: { name: 'a call of the bare echo', value: got.bare, compare: 'length' }, atMost: 2 },
  ];
}

/** Creates and reads one agent among few and among many, and compares with server-memory and a call of the echo. */
export async function agents() {
  const few = await withAgents(FEW);
  const many = await withAgents(MANY);
  const entities = await withEntities(MANY);
  const bare = echo();
  await bare.initialize();
  let next = MANY;
  const create = (server) => timed(() => server.call('create_agent', agentArgs(next++)));
  const created = await interleaved(
    {
      few: () => create(few.server),
      many: () => create(many.server),
      memory: (round) => {
        const entity = { name: `New ${round}`, entityType: 'agent', observations: ['one'] };
        return timed(() => entities.call('create_entities', { entities: [entity] }));
      },
    },
    { rounds: 51, warmUp: 10 },
  );
  const read = (of, round) => timed(() => of.server.call('get_agent', { agent_id: of.ids[round % of.ids.length] }));
  const got = await interleaved(
    {
      few: (round) => read(few, Math.abs(round)),
      many: (round) => read(many, Math.abs(round) * 97),
      bare: () => timed(() => bare.call('echo', { text: 'x'.repeat(1_500) })),
    },
    { rounds: 101, warmUp: 20 },
  );
  await Promise.all([few.server, many.server, entities, bare].map((peer) => peer.end()));
  return rowsOf(created, got);
}

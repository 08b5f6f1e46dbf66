import path from 'node:path';
import { agentArgs, countersign, echo, everything, memory, temporaryFolder, using } from '../homes.mjs';
import { interleaved, timed } from '../measure.mjs';

const RUNS = 1_000;
const CONTACTS = 10_000;

async function toInitialize(peer) {
  const ms = await timed(() => peer.initialize());
  await peer.end();
  return ms;
}

/** Measures from the spawn to the answer of `initialize`, each time in a fresh, empty home. */
export async function startUp() {
  const file = path.join(temporaryFolder('memory'), 'memory.json');
  const ms = await interleaved({
    countersign: () => toInitialize(countersign(temporaryFolder('empty'))),
    echo: () => toInitialize(echo()),
    memory: () => toInitialize(memory(file)),
    everything: () => toInitialize(everything()),
  });
  const row = {
    figure: 'spawn to `initialize`',
    means: 'from starting the process to its first answer, in a home that does not exist yet',
    value: ms.countersign,
    unit: 'ms',
  };
  return [
    { ...row, peer: { name: 'the bare echo', value: ms.echo, compare: 'length' }, atMost: 0.8 },
    { ...row, peer: { name: 'server-memory', value: ms.memory, compare: 'length' }, atMost: 0.65 },
    { ...row, peer: { name: 'server-everything', value: ms.everything, compare: 'length' } },
  ];
}

async function fullHome() {
  const home = temporaryFolder('full');
  await using(countersign(home), async (server) => {
    const contacts = Array.from({ length: CONTACTS }, (_, i) => ({ id: `c${i}`, email: `c${i}@example.com` }));
    await server.call('import_contacts', { contacts });
    const { agent } = await server.call('create_agent', agentArgs(0));
    for (let run = 0; run < RUNS; run++) await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  });
  return home;
}

async function toFirstList(peer) {
  const ms = await timed(async () => {
    await peer.initialize();
    await peer.call('list_agents');
  });
  await peer.end();
  return ms;
}

/** Measures from the spawn to the answer of the first `list_agents`, with much in the home. */
export async function startFull() {
  const full = await fullHome();
  const ms = await interleaved({
    full: () => toFirstList(countersign(full)),
    empty: () => toFirstList(countersign(temporaryFolder('empty'))),
  });
  return [
    {
      figure: 'first `list_agents`',
      means: 'from starting the process to the answer of this call, with 1,000 runs and 10,000 contacts in the home',
      value: ms.full,
      unit: 'ms',
      peer: { name: 'the same in an empty home', value: ms.empty, compare: 'length' },
      atMost: 1.15,
    },
  ];
}

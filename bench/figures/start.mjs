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

/** Spawn to `initialize` answered, in an empty home that is made anew each time. */
export async function startUp() {
  const file = path.join(temporaryFolder('memory'), 'memory.json');
  const ms = await interleaved({
    countersign: () => toInitialize(countersign(temporaryFolder('empty'))),
    echo: () => toInitialize(echo()),
    memory: () => toInitialize(memory(file)),
    everything: () => toInitialize(everything()),
  });
  return [
    ['spawn to initialize, against the bare echo', ms.countersign, 'ms', ms.countersign / ms.echo, 0.8],
    ['spawn to initialize, against server-memory', ms.countersign, 'ms', ms.countersign / ms.memory, 0.65],
    ['spawn to initialize, against server-everything', ms.countersign, 'ms', ms.countersign / ms.everything],
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

/** The same to the first answer of `list_agents`, with much in the home. */
export async function startFull() {
  const full = await fullHome();
  const ms = await interleaved({
    full: () => toFirstList(countersign(full)),
    empty: () => toFirstList(countersign(temporaryFolder('empty'))),
  });
  return [['first list_agents after 1,000 runs, against an empty home', ms.full, 'ms', ms.full / ms.empty, 1.15]];
}

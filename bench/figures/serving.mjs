import { agentArgs, countersign, echoOverHttp, serving, temporaryFolder, tokenIn } from '../homes.mjs';
import { inTurns, interleaved, median, medianQuotient, timed } from '../measure.mjs';

const AGENTS = 10;
const CALLS = 50;
const RUNS = 1_000;
const SESSIONS = 300;
/**
 * Sessions leave memory within 30 s after their five idle minutes, and the engine gives memory back within two idle
 * minutes. Whoever waits for the sessions waits longer than that.
 */
const IDLE_MS = 120_000;
const LATER = new URL('../later-clock.mjs', import.meta.url).href;

/** Measures from the spawn until `/readyz` answers, against a start over stdio until `initialize` is answered. */
export async function serveReady() {
  const ms = await interleaved({
    serve: async () => {
      const peer = serving(temporaryFolder('served'));
      const taken = await timed(async () => (await peer.listening()).ready());
      await peer.end();
      return taken;
    },
    stdio: async () => {
      const peer = countersign(temporaryFolder('empty'));
      const taken = await timed(() => peer.initialize());
      await peer.end();
      return taken;
    },
  });
  return [
    {
      figure: '`serve`, ready',
      means: 'from starting the process until `/readyz` says that it is ready, in a home that does not exist yet',
      value: ms.serve,
      unit: 'ms',
      peer: { name: 'the start over stdio', value: ms.stdio, compare: 'length' },
      atMost: 2,
    },
  ];
}

async function servedHome(env = {}) {
  const home = temporaryFolder('served');
  const token = tokenIn(home);
  return serving(home, { token, env }).listening();
}

/** Measures a call over HTTP, without and with a session, against an echo of the bare SDK over HTTP. */
export async function overHttp() {
  const [served, echo] = [await servedHome(), await echoOverHttp().listening()];
  for (let n = 0; n < AGENTS; n++) await served.call('create_agent', agentArgs(n));
  const sessions = { served: await served.session(), echo: await echo.session() };
  const text = JSON.stringify(await served.call('list_agents'));
  const many = async (call) =>
    (await timed(async () => {
      for (let n = 0; n < CALLS; n++) await call();
    })) / CALLS;
  const ms = await inTurns(
    {
      modern: () => many(() => served.call('list_agents')),
      echo: () => many(() => echo.call('echo', { text })),
      session: () => many(() => served.call('list_agents', {}, sessions.served)),
      echoSession: () => many(() => echo.call('echo', { text }, sessions.echo)),
    },
    { rounds: 31, warmUp: 6 },
  );
  await Promise.all([served.end(), echo.end()]);
  const row = (means, values, peers, atMost) => ({
    ...{ figure: '`list_agents` over HTTP', means, value: median(values), unit: 'ms', atMost },
    peer: {
      ...{ name: 'the same by an echo of the bare SDK', value: median(peers), compare: 'length' },
      quotient: medianQuotient(values, peers),
    },
  });
  return [
    row('one call among ten agents, by the revision 2026-07-28, which has no sessions', ms.modern, ms.echo, 2),
    row('one call among ten agents, in a session of an older revision', ms.session, ms.echoSession, 1.3),
  ];
}

/** Measures the memory of a server after much was run, and many sessions were opened and left. */
export async function serveMemory() {
  const served = await servedHome({ NODE_OPTIONS: `--import=${LATER}` });
  const contacts = Array.from({ length: 10 }, (_, n) => ({ id: `c${n}` }));
  await served.call('import_contacts', { contacts });
  const { agent } = await served.call('create_agent', agentArgs(0));
  for (let n = 0; n < SESSIONS; n++) await served.call('list_agents', {}, await served.session());
  for (let n = 0; n < RUNS; n++) await served.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  const full = served.residentMb();
  served.signal('SIGUSR2');
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  await served.call('list_agents');
  const value = served.residentMb();
  await served.end();
  return [
    {
      figure: 'memory of `serve`',
      means: `of the process, once 300 sessions were opened and left, 1,000 runs were made, and nobody called for a while; ${Math.round(full)} MB right after the runs`,
      value,
      unit: 'MB',
      atMost: 150,
    },
  ];
}

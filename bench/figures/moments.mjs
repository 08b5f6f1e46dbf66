import http from 'node:http';
import { agentArgs, countersign, temporaryFolder, using } from '../homes.mjs';
import { interleaved, timed } from '../measure.mjs';

/** The person trusts the client, so that a plain call approves a webhook. */
const TRUSTING = { COUNTERSIGN_MIN_PROOF: 'client' };
const CALLS = 10_000;
const LEAVING_MS = 2_000;
const NEXT_MS = 1_000;
const CANCELLING_MS = 1_000;
const row = (figure, means, ms, limit) => ({ figure, means, value: ms, unit: 'ms', atMost: limit });

/** A server on loopback that takes requests and never answers, as a receiver of webhooks and as a model. */
async function silentServer() {
  let came = () => undefined;
  let gone = () => undefined;
  const server = http.createServer((request, response) => {
    response.once('close', () => gone());
    request.resume().once('end', () => came());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${server.address().port}`,
    request: () => new Promise((resolve) => (came = resolve)),
    givenUp: () => new Promise((resolve) => (gone = resolve)),
    close: () => server.close().closeAllConnections(),
  };
}

const oneContact = (server) => server.call('import_contacts', { contacts: [{ id: 'a' }] });

/** The end of its input to the end of the process, while a receiver that keeps silent has a webhook of it. */
export async function leaving() {
  const silent = await silentServer();
  const ms = await interleaved({
    leave: async () => {
      const peer = countersign(temporaryFolder('leave'), { COUNTERSIGN_ALLOW_HOSTS: silent.host, ...TRUSTING });
      await peer.initialize();
      await oneContact(peer);
      const { agent } = await peer.call('create_agent', {
        name: 'Poster',
        capabilities: ['webhook'],
        playbook: { rules: [{ name: 'all', propose: [{ type: 'webhook', params: { payload: { n: 1 } } }] }] },
        connections: { webhook_url: `http://${silent.host}/` },
      });
      const { run_id } = await peer.call('trigger_agent', { agent_id: agent.id });
      const { actions } = await peer.call('list_pending_actions', { run_id });
      const yes = { run_id, contact_id: 'a', action_index: 0, expected_digest: actions[0].digest };
      const came = silent.request();
      peer.call('approve_action', yes).catch(() => undefined);
      await came;
      return timed(() => peer.end());
    },
  });
  silent.close();
  return [row('leaving', 'the client goes while a webhook is under way: until the process ends', ms.leave, LEAVING_MS)];
}

/** A call right after the answers to thousands that were made at once. */
export async function burst() {
  const ms = await using(countersign(temporaryFolder('burst')), async (server) => {
    await server.call('create_agent', agentArgs(0));
    return interleaved({
      next: async () => {
        await Promise.all(Array.from({ length: CALLS }, () => server.call('list_agents', { limit: 1 })));
        return timed(() => server.call('list_agents', { limit: 1 }));
      },
    });
  });
  return [row('after a burst', 'the next call, once 10,000 at once are answered', ms.next, NEXT_MS)];
}

/** `cancel_run` in another process to the moment at which the one that runs gives up its request to the model. */
export async function cancelling() {
  const silent = await silentServer();
  const env = { COUNTERSIGN_ALLOW_HOSTS: silent.host, COUNTERSIGN_BENCH_KEY: 'none' };
  const home = temporaryFolder('cancel');
  const ms = await using(countersign(home, env), (server) =>
    using(countersign(home, env), async (other) => {
      await oneContact(server);
      const { agent } = await server.call('create_agent', {
        name: 'Thinker',
        capabilities: ['notes'],
        playbook: { playbook_md: 'Note something.' },
        llm_config: {
          ...{ provider: 'openai_compatible', model: 'bench', base_url: `http://${silent.host}` },
          api_key_env: 'COUNTERSIGN_BENCH_KEY',
        },
      });
      return interleaved({
        cancel: async () => {
          const came = silent.request();
          const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0 });
          await came;
          const givenUp = silent.givenUp();
          return timed(() => Promise.all([other.call('cancel_run', { run_id }), givenUp]));
        },
      });
    }),
  );
  silent.close();
  const means = 'from the call in another process until the request to the model is given up';
  return [row('`cancel_run`', means, ms.cancel, CANCELLING_MS)];
}

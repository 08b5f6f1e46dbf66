import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { onlyJson } from '../support/postgres/only-json.ts';
import { command, serve } from '../support/served.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { aSink, type Received } from '../support/sink.ts';
import { writeConfig } from '../support/tool-server.ts';

const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;
const RULES = { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'Zqbodyz' } }] }] };

/** What arrived says, verified by the reference library, whose clock is that of the process that signed. */
function verified({ body, headers }: Received) {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const ahead = Number(plain['webhook-timestamp']) * 1_000 - Date.now();
  const realNow = Date.now;
  Date.now = () => realNow() + ahead;
  try {
    return new Webhook(SECRET).verify(body, plain);
  } finally {
    Date.now = realNow;
  }
}

onlyJson(
  'a clock of a process that is set forward; with a database that one’s decides, as wrong-clock.postgres.test.ts shows',
).it(
  'rings once, by whichever of two processes, leads to the desk, and rings again after both were killed',
  async () => {
    const sink = await aSink();
    const home = temporaryHome();
    const env = { COUNTERSIGN_NOTIFY_SECRET: SECRET, COUNTERSIGN_ALLOW_HOSTS: sink.host };
    writeConfig(home, { notify: { url: sink.url('/hook'), secret_env: 'COUNTERSIGN_NOTIFY_SECRET' } });
    const served = await serve({ home, env });
    const server = await startServer({ home, env });
    const { agent } = await server.call('create_agent', { name: 'Noter', capabilities: ['notes'], playbook: RULES });
    await server.call('import_contacts', { contacts: [{ id: 'zqonez' }, { id: 'zqtwoz' }] });
    await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['zqonez'] });
    await expect.poll(() => sink.requests.length, { timeout: 20_000 }).toBe(1);
    // Who sent it learns so after its receiver does: a process killed in between would leave that it may send it again.
    const told = new RegExp(`notices: to ${sink.host} \\(json\\), last sent at 20`);
    await expect.poll(() => command(home, ['doctor'], env).stdout).toMatch(told);
    await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['zqtwoz'] });
    await served.end('SIGKILL');
    await server.close();

    const later = { ...env, NODE_OPTIONS: `--import ${CLOCK}`, SHIFT_CLOCK_MS: '600000' };
    const again = await startServer({ home, env: later });
    onTestFinished(() => again.close());
    await expect.poll(() => sink.requests.length, { timeout: 30_000 }).toBe(2);
    const data = { unknown: 0, changes: 0, brake: { on: false } };
    expect(sink.requests.map(verified)).toMatchObject([
      {
        type: 'action.pending',
        data: { ...data, waiting: 1, text: '1 waits: 1 note of Noter.', url: `${served.url}/` },
      },
      { type: 'action.pending', data: { ...data, waiting: 2, text: '2 wait: 2 notes of Noter.' } },
    ]);
    expect(verified(sink.requests[1] ?? { method: '', path: '', headers: {}, body: '' })).not.toHaveProperty(
      'data.url',
    );
    expect(JSON.stringify(sink.requests)).not.toMatch(/zq(body|one|two)z/);
  },
);

it('says in the doctor why no notice can go', async () => {
  const sink = await aSink();
  const home = temporaryHome();
  writeConfig(home, { notify: { url: sink.url('/zqhookz'), secret_env: 'COUNTERSIGN_NOTIFY_SECRET', format: 'ntfy' } });
  const bare = command(home, ['doctor']);
  expect(bare.stdout).toMatch(/warning: no notices of what waits can be sent: .*private address/);
  const lacking = command(home, ['doctor'], { COUNTERSIGN_ALLOW_HOSTS: sink.host });
  expect(lacking.stdout).toMatch(/warning: no notices .* COUNTERSIGN_NOTIFY_SECRET, which isn't set/);
  writeConfig(home, { notify: { url: 'nonsense', format: 'sms' } });
  expect(command(home, ['doctor']).stdout).toMatch(/warning: no notices .*notify\.(url|format)/);
  expect(bare.stdout + lacking.stdout).not.toContain('zqhookz');
});

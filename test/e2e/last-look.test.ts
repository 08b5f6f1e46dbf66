import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, startServer } from '../support/server.ts';
import { aSink, type Sink } from '../support/sink.ts';

type Ref = { run_id: string; contact_id: string; action_index: number };
type Scene = { server: Connection; sink: Sink; agent_id: string; contact_id: string; identity_id: string };
type Row = {
  /** What changes between the approval and the attempt. */
  when: string;
  agent?: Record<string, unknown>;
  change: (scene: Scene) => Promise<unknown>;
  /** What the person reads. */
  reads: string;
  /** Makes the action possible again; without it, nothing but approving what is now shown is needed. */
  mend?: (scene: Scene) => Promise<unknown>;
};

const open: Connection[] = [];
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

const EMAIL = { type: 'email_message', params: { subject: 'Hello {{ contact.id }}', message: 'Hi' } };
const HOOK = { type: 'webhook', params: { payload: { who: '{{ contact.id }}' } } };
const NEVER = 'never';

function proposing(...propose: object[]) {
  return { playbook: { rules: [{ name: 'all', propose }] } };
}

function update({ server, agent_id }: Scene, changes: Record<string, unknown>) {
  return server.call('update_agent', { agent_id, changes });
}

function consent({ server, contact_id }: Scene, flag: string) {
  return server.call('import_contacts', { contacts: [{ id: contact_id, [flag]: true }] });
}

/** Another agent's action for the same contact, approved and done at once, as it is or edited. */
async function doneByAnother({ server, contact_id, identity_id }: Scene, params?: Record<string, unknown>) {
  const run = await server.call('trigger_agent', {
    agent_id: (
      await server.call('create_agent', {
        name: `Other for ${contact_id}`,
        capabilities: ['email'],
        identity_id,
        ...proposing({ type: 'email_message', params: { subject: 'Other', message: 'Hi' } }),
      })
    ).agent.id,
    contact_ids: [contact_id],
  });
  const ref = { run_id: run.run_id, contact_id, action_index: 0 };
  const { action } = await server.call('approve_action', { ...ref, ...(params ? { params } : {}) });
  expect(action.status).toBe('executed');
}

const ROWS: readonly Row[] = [
  {
    when: 'the recipient has another address',
    change: ({ server, contact_id }) =>
      server.call('import_contacts', { contacts: [{ id: contact_id, email: 'new@example.com' }] }),
    reads: 'recipient',
  },
  { when: 'email is forbidden', change: (scene) => consent(scene, 'do_not_email'), reads: 'do_not_email', mend: gone },
  {
    when: 'contact is forbidden',
    agent: proposing(HOOK),
    change: (scene) => consent(scene, 'do_not_contact'),
    reads: 'do_not_contact',
    mend: gone,
  },
  {
    when: 'the webhook goes elsewhere',
    agent: proposing(HOOK),
    change: (scene) => update(scene, { connections: { webhook_url: scene.sink.url('/elsewhere') } }),
    reads: 'URL',
  },
  {
    when: 'the sender is another',
    change: ({ server, identity_id }) =>
      server.call('save_identity', { identity_id, name: 'Kim', email: 'kim@acme.example' }),
    reads: 'sender',
  },
  {
    when: 'the capability is gone',
    change: (scene) => update(scene, { capabilities: ['notes'] }),
    reads: '"email"',
    mend: (scene) => update(scene, { capabilities: ['email'] }),
  },
  {
    when: 'the agent is archived',
    change: (scene) => update(scene, { status: 'archived' }),
    reads: 'archived',
    mend: (scene) => update(scene, { enabled: true }),
  },
  {
    when: 'more proof is demanded',
    change: (scene) => update(scene, { approval: { min_proof: 'human' } }),
    reads: 'proof "human"',
    mend: gone,
  },
  {
    when: 'the policy that approved it is gone',
    agent: { ...proposing(HOOK), approval: { auto_approve: ['webhook'] } },
    change: (scene) => update(scene, { approval: { auto_approve: [] } }),
    reads: 'policy',
  },
  {
    when: 'another agent used up its cooldown',
    agent: { limits: { cooldown_days: 1 } },
    change: (scene) => doneByAnother(scene),
    reads: 'cooldown_days',
    mend: (scene) => scene.server.call('update_agent', { agent_id: scene.agent_id, clear: ['limits.cooldown_days'] }),
  },
  {
    when: 'another agent used up its week',
    agent: { limits: { max_per_contact_per_week: 1 } },
    change: (scene) => doneByAnother(scene),
    reads: 'max_per_contact_per_week',
    mend: (scene) => update(scene, { limits: { max_per_contact_per_week: 9 } }),
  },
  {
    when: 'another agent did the same',
    change: (scene) => doneByAnother(scene, { subject: `Hello ${scene.contact_id}`, message: 'Hi' }),
    reads: 'the same action was executed',
    mend: gone,
  },
  {
    when: 'its time ran out',
    agent: { approval: { expires_after_hours: 0.002 } },
    change: (scene) => update(scene, { approval: { expires_after_hours: 48 } }),
    reads: 'expired',
  },
];

/** For what stays impossible. */
function gone(): Promise<unknown> {
  return Promise.resolve(NEVER);
}

/** A server whose first attempts wait for the sink, so that what is approved after them waits too. */
async function held() {
  const gate = new EventTarget();
  const released = new Promise((resolve) => gate.addEventListener('open', resolve));
  const sink = await aSink((request, response) =>
    request.path === '/hold' ? void released.then(() => response.end('ok')) : response.end('ok'),
  );
  const server = await startServer({ env: { COUNTERSIGN_ALLOW_HOSTS: sink.host } });
  open.push(server);
  await server.call('import_contacts', { contacts: [0, 1, 2, 3].map((n) => ({ id: `hold${n}` })) });
  await server.call('trigger_agent', {
    agent_id: (
      await server.call('create_agent', {
        name: 'Slow',
        capabilities: ['webhook'],
        connections: { webhook_url: sink.url('/hold') },
        ...proposing(HOOK),
      })
    ).agent.id,
  });
  await approveAll(server);
  for (let tries = 0; tries < 200 && sink.requests.length < 4; tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  return { server, sink, release: () => gate.dispatchEvent(new Event('open')) };
}

/** An action of an agent and a contact of its own. */
async function waiting(server: Connection, sink: Sink, name: string, agent: Record<string, unknown> = {}) {
  const contact_id = name.replaceAll(' ', '-');
  await server.call('import_contacts', { contacts: [{ id: contact_id, email: `${contact_id}@example.com` }] });
  const { identity } = await server.call('save_identity', { name: 'Sam', email: 'sam@acme.example' });
  const made = await server.call('create_agent', {
    name,
    capabilities: ['email', 'webhook'],
    identity_id: identity.id,
    connections: { webhook_url: sink.url(`/${contact_id}`) },
    ...proposing(EMAIL),
    ...agent,
  });
  const run = await server.call('trigger_agent', { agent_id: made.agent.id, contact_ids: [contact_id] });
  const scene: Scene = { server, sink, agent_id: made.agent.id, contact_id, identity_id: identity.id };
  return { scene, ref: { run_id: run.run_id, contact_id, action_index: 0 } };
}

async function actionOf(server: Connection, { run_id, contact_id }: Ref) {
  const { run } = await server.call('get_run', { run_id, contact_id });
  return run.contact_results[0].proposed_actions[0];
}

/** Waits until every action that expires has done so. */
async function timeRunsOut(server: Connection, refs: readonly Ref[]) {
  const times = await Promise.all(refs.map(async (ref) => (await actionOf(server, ref)).expires_at));
  const last = Math.max(...times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)])));
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, last + 100 - Date.now())));
}

/** Waits until none of the actions is on its way any more. */
async function arrived(server: Connection, refs: readonly Ref[]) {
  for (const ref of refs) {
    for (let tries = 0; tries < 200; tries++) {
      if (!['approved', 'executing'].includes((await actionOf(server, ref)).status)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function written(home: string): string[] {
  const outbox = path.join(home, 'outbox');
  if (!fs.existsSync(outbox)) return [];
  return fs.readdirSync(outbox).map((name) => fs.readFileSync(path.join(outbox, name), 'utf8'));
}

/** Everything that went out for a contact: requests to the sink, files in the outbox. */
function sent({ server, sink, contact_id }: Scene): number {
  const posts = sink.requests.filter(({ body }) => body.includes(`"${contact_id}"`));
  return posts.length + written(server.home).filter((text) => text.includes(`Hello ${contact_id}`)).length;
}

async function approveAll(server: Connection) {
  const { review_token } = await server.call('list_pending_actions', { detail: 'brief', limit: 100 });
  await server.call('review_actions', { decision: 'approve', review_token });
}

describe('between an approval and its attempt', () => {
  it('everything is looked at again, and what no longer holds goes back to the person with the reason', async () => {
    const { server, sink, release } = await held();
    const made = [];
    for (const row of ROWS) made.push({ row, ...(await waiting(server, sink, row.when, row.agent)) });
    await approveAll(server);
    for (const { ref } of made) expect((await actionOf(server, ref)).status).toBe('approved');
    for (const { row, scene } of made) await row.change(scene);
    const before = new Map(made.map(({ scene }) => [scene.contact_id, sent(scene)]));
    await timeRunsOut(
      server,
      made.map(({ ref }) => ref),
    );
    release();
    await arrived(
      server,
      made.map(({ ref }) => ref),
    );
    const { actions } = await server.call('list_pending_actions', { limit: 100 });
    for (const { row, scene, ref } of made) {
      const shown = actions.find((action: Ref) => action.run_id === ref.run_id);
      expect(shown, row.when).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining(row.reads) });
      expect(shown, row.when).not.toHaveProperty('decided_by');
      expect(sent(scene), row.when).toBe(before.get(scene.contact_id));
      const isPossible = (await row.mend?.(scene)) !== NEVER;
      if (!isPossible) continue;
      const { action } = await server.call('approve_action', { ...ref, expected_digest: shown.digest });
      expect(action, row.when).toMatchObject({ status: 'executed' });
      expect(sent(scene), row.when).toBe(Number(before.get(scene.contact_id)) + 1);
    }
  }, 60_000);
});

describe('what is approved and waits', () => {
  it('is cancelled with its agent or its contact, and never sent', async () => {
    const { server, sink, release } = await held();
    const orphan = await waiting(server, sink, 'agent goes', proposing(HOOK));
    const nobody = await waiting(server, sink, 'contact goes', proposing(HOOK));
    await approveAll(server);
    expect(await server.call('delete_agent', { agent_id: orphan.scene.agent_id })).toMatchObject({
      actions_cancelled: 1,
    });
    await server.call('delete_contact', { contact_id: nobody.scene.contact_id });
    release();
    const last = await waiting(server, sink, 'last', { ...proposing(HOOK), approval: { auto_approve: ['webhook'] } });
    await arrived(server, [last.ref]);
    expect([sent(last.scene), sent(orphan.scene), sent(nobody.scene)]).toEqual([1, 0, 0]);
    expect((await server.call('list_pending_actions')).total).toBe(0);
    const { run } = await server.call('get_run', { run_id: nobody.ref.run_id, mode: 'summary' });
    expect(run.summary).toMatchObject({ actions_cancelled: 1, actions_pending_approval: 0 });
  });

  it('is left to the process that approved it: another has not its variables', async () => {
    const { server, sink, release } = await held();
    const own = await waiting(server, sink, 'own', proposing(HOOK));
    await approveAll(server);
    // It may reach no private host, so with it the action would fail.
    const other = await startServer({ home: server.home });
    open.push(other);
    const busy = await waiting(other, sink, 'busy', {
      connections: {},
      capabilities: ['notes'],
      approval: { auto_approve: ['note'] },
      ...proposing({ type: 'note', params: { body: 'done' } }),
    });
    expect((await actionOf(other, busy.ref)).status).toBe('executed');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await actionOf(other, own.ref)).status).toBe('approved');
    release();
    await arrived(server, [own.ref]);
    expect((await actionOf(server, own.ref)).status).toBe('executed');
  });
});

describe('a retry of what failed', () => {
  it('is a decision of its own, made when the first one has run out, and looked at like any', async () => {
    const sink = await aSink((_request, response, count) => response.writeHead(count < 2 ? 404 : 200).end());
    const server = await startServer({ env: { COUNTERSIGN_ALLOW_HOSTS: sink.host } });
    open.push(server);
    const late = { ...proposing(HOOK), approval: { expires_after_hours: 0.001 } };
    const mine = await waiting(server, sink, 'mine', late);
    const again = await waiting(server, sink, 'again', proposing(HOOK));
    for (const { ref } of [mine, again])
      expect((await server.call('approve_action', ref)).action.status).toBe('failed');
    await timeRunsOut(server, [mine.ref]);
    const retry = (ref: Ref) => server.call('settle_action', { ...ref, outcome: 'retry' });
    expect((await retry(mine.ref)).action.status).toBe('executed');
    // The agent proposed it anew, since it had failed, and that was done.
    const run = await server.call('trigger_agent', { agent_id: again.scene.agent_id, contact_ids: ['again'] });
    const anew = { run_id: run.run_id, contact_id: 'again', action_index: 0 };
    expect((await server.call('approve_action', anew)).action.status).toBe('executed');
    expect((await retry(again.ref)).action).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining('the same action was executed'),
    });
    expect(sink.requests).toHaveLength(4);
  });
});

describe('two actions for one contact that are approved in two processes at once', () => {
  it('are one message where the cadence allows one', async () => {
    const { server, sink, release } = await held();
    release();
    const other = await startServer({ home: server.home, env: { COUNTERSIGN_ALLOW_HOSTS: sink.host } });
    open.push(other);
    for (let round = 0; round < 8; round++) {
      const limits = { max_per_contact_per_week: 1 };
      const contact_id = `both-${round}`;
      await server.call('import_contacts', { contacts: [{ id: contact_id, email: `${contact_id}@example.com` }] });
      const refs: Ref[] = [];
      for (const nth of ['one', 'two']) {
        const { agent } = await server.call('create_agent', {
          name: `${nth} ${round}`,
          capabilities: ['webhook'],
          connections: { webhook_url: sink.url(`/${nth}`) },
          limits,
          ...proposing({ type: 'webhook', params: { payload: { who: contact_id, nth } } }),
        });
        const run = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: [contact_id] });
        refs.push({ run_id: run.run_id, contact_id, action_index: 0 });
      }
      const [one, two] = refs;
      const actions = await Promise.all([server.call('approve_action', one), other.call('approve_action', two)]);
      const statuses = actions.map(({ action }) => action.status).sort();
      const posts = sink.requests.filter(({ body }) => body.includes(`"${contact_id}"`));
      expect(posts, `round ${round}: ${statuses}`).toHaveLength(1);
      expect(statuses).toEqual(['executed', 'pending_approval']);
      const back = actions.find(({ action }) => action.status === 'pending_approval');
      expect(back?.action.reason).toContain('max_per_contact_per_week');
    }
  });
});

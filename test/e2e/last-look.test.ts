import { describe, expect, it, onTestFinished } from 'vitest';
import { NEVER, ROWS } from '../support/approved-rows.ts';
import {
  actionOf,
  approveAll,
  arrived,
  HOOK,
  held,
  proposing,
  type Ref,
  sent,
  timeRunsOut,
  waiting,
} from '../support/approved-scene.ts';
import { startServer } from '../support/server.ts';
import { aSink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';

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
  });
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
    onTestFinished(() => other.close());
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
    const server = await startServer({ env: { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host } });
    onTestFinished(() => server.close());
    const late = { ...proposing(HOOK), approval: { expires_after_hours: 0.001 } };
    const again = await waiting(server, sink, 'again', proposing(HOOK));
    // The last to be proposed and the first to be approved: it has a few seconds.
    const mine = await waiting(server, sink, 'mine', late);
    for (const { ref } of [mine, again])
      expect((await server.call('approve_action', await server.shown(ref))).action.status).toBe('failed');
    await timeRunsOut(server, [mine.ref]);
    const retry = async (ref: Ref) => server.call('settle_action', await server.shown({ ...ref, outcome: 'retry' }));
    expect((await retry(mine.ref)).action.status).toBe('executed');
    // The agent proposed it anew, since it had failed, and that was done.
    const run = await server.call('trigger_agent', { agent_id: again.scene.agent_id, contact_ids: ['again'] });
    const anew = { run_id: run.run_id, contact_id: 'again', action_index: 0 };
    expect((await server.call('approve_action', await server.shown(anew))).action.status).toBe('executed');
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
    const other = await startServer({ home: server.home, env: { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host } });
    onTestFinished(() => other.close());
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
      const [first, second] = [await server.shown({ ...one }), await server.shown({ ...two })];
      const answers = await Promise.allSettled([
        server.call('approve_action', first),
        other.call('approve_action', second),
      ]);
      const told = answers.map((answer) =>
        answer.status === 'fulfilled' ? answer.value.action : { status: 'refused', reason: String(answer.reason) },
      );
      const statuses = told.map(({ status }) => status).sort();
      const posts = sink.requests.filter(({ body }) => body.includes(`"${contact_id}"`));
      expect(posts, `round ${round}: ${statuses}`).toHaveLength(1);
      expect(statuses[0]).toBe('executed');
      // The second yes is refused where it comes after the first message, which its digest didn't tell of.
      const back = told.find(({ status }) => status !== 'executed');
      expect(back?.reason).toMatch(back?.status === 'refused' ? /message was sent/ : /max_per_contact_per_week/);
    }
  });
});

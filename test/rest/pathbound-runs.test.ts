import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { clientOf, restServer } from '../support/rest-server.ts';

const LEADS = Array.from({ length: 30 }, (_, n) => ({ id: `c${n}`, email: `c${n}@example.com`, firstname: `N${n}` }));
const NOTING = {
  rules: [{ name: 'all', when: {}, propose: [{ type: 'note', params: { body: 'Call {{ contact.id }}.' } }] }],
};
const POSTING = { rules: [{ name: 'all', when: {}, propose: [{ type: 'webhook', params: { payload: { n: 1 } } }] }] };
const RESULT = { contact_id: 'c0', contact: { email: 'c0@example.com', firstname: 'N0' } };

/** An agent with rules, its run, and the address of its first action. */
async function ran({
  people = 1,
  agent = {},
  deps = {},
}: {
  people?: number;
  agent?: object;
  deps?: Partial<Deps>;
} = {}) {
  const on = await restServer(deps);
  await on.call('import_contacts', { contacts: LEADS.slice(0, people) });
  const token = on.token();
  const api = clientOf(on, '/pathbound/v1', token);
  const made = await api.post('/agents', {
    name: 'Caller',
    playbook: NOTING,
    capabilities: ['notes', 'webhook'],
    monitoring: { max_contacts_per_run: 100 },
    ...agent,
  });
  const { _id } = made.json.agent;
  const triggered = await api.post(`/agents/${_id}/trigger`, {});
  await expect.poll(async () => (await api.get(`/agents/${_id}/runs?status=completed`)).json.total).toBe(1);
  const [run] = (await api.get(`/agents/${_id}/runs`)).json.runs;
  const runPath = `/agents/runs/${run._id}`;
  return { on, api, token, agent_id: _id, triggered, run, runPath, action: `${runPath}/contacts/c0/actions/0` };
}

describe("Pathbound's runs", () => {
  it('are triggered at once by a job id, and found by it', async () => {
    const { triggered, run, agent_id } = await ran();
    expect(triggered.status).toBe(200);
    expect(triggered.json).toEqual({ status: 'success', job_id: run.job_id });
    expect(run).toMatchObject({
      agent_id,
      status: 'completed',
      started_at: expect.any(String),
      completed_at: expect.any(String),
      summary: {
        contacts_evaluated: 1,
        actions_proposed: 1,
        actions_auto_approved: 0,
        actions_pending_approval: 1,
        errors: 0,
      },
    });
  });

  it('are triggered for certain contacts, all of which have to be there', async () => {
    const { api, agent_id } = await ran({ people: 3 });
    expect((await api.post(`/agents/${agent_id}/trigger`, { contact_ids: ['c1', 'c2'] })).status).toBe(200);
    await expect.poll(async () => (await api.get(`/agents/${agent_id}/runs?status=completed`)).json.total).toBe(2);
    const [newest] = (await api.get(`/agents/${agent_id}/runs?limit=1`)).json.runs;
    expect(newest.summary.contacts_evaluated).toBe(2);
    expect((await api.post(`/agents/${agent_id}/trigger`, { contact_ids: ['nobody'] })).status).toBe(404);
    expect((await api.post(`/agents/${agent_id}/trigger`, { contact_ids: [] })).status).toBe(400);
    expect((await api.post(`/agents/${agent_id}/trigger`, { contact_id: 'c1' })).json.details[0].path).toBe(
      'contact_id',
    );
    expect((await api.post('/agents/ag_none/trigger', {})).status).toBe(404);
  });

  it('are decided on by the id in the query, where no path can hold it', async () => {
    const { on, api, agent_id } = await ran();
    const ids = ['acme/ann', '../x', 'a\\b', '%2f', 'x?y#z', '\u00e4/\u{1f600}'];
    await on.call('import_contacts', { contacts: ids.map((id) => ({ id })) });
    await api.post(`/agents/${agent_id}/trigger`, { contact_ids: ids });
    await expect.poll(async () => (await api.get(`/agents/${agent_id}/runs?status=completed`)).json.total).toBe(2);
    const [{ _id }] = (await api.get(`/agents/${agent_id}/runs?limit=1`)).json.runs;
    const path = (contact: string) => `/agents/runs/${_id}/contacts/${contact}/actions/0`;
    for (const [at, id] of ids.entries()) {
      const query = `contact_id=${encodeURIComponent(id)}`;
      const [row] = (await api.get(`/agents/runs/${_id}?${query}`)).json.run.contact_results;
      expect(row.contact_id).toBe(id);
      const other = await api.post(`${path('c0')}/approve?${query}`);
      expect([other.status, other.json.details[0].path]).toEqual([400, 'contact_id']);
      const { status, json } = await api.post(`${path('-')}/${at % 2 === 0 ? 'approve' : 'reject'}?${query}`);
      expect([id, status, json.action.params.body]).toEqual([id, 200, `Call ${id}.`]);
      expect(json.action.status).toBe(at % 2 === 0 ? 'executed' : 'rejected');
    }
    expect((await api.post(`${path('-')}/approve`)).status).toBe(404);
  });

  it('beyond the cap of the agent are refused with 422', async () => {
    const { api, agent_id } = await ran({ people: 3, agent: { monitoring: { max_contacts_per_run: 2 } } });
    expect(await api.post(`/agents/${agent_id}/trigger`, { contact_ids: ['c0', 'c1', 'c2'] })).toMatchObject({
      status: 422,
    });
  });

  it('say 409 where the model has no key, and where the agent is archived', async () => {
    const { on, api } = await ran();
    const model = {
      name: 'M',
      playbook: { playbook_md: 'x' },
      llm_config: { provider: 'anthropic', model: 'claude-opus-4-7' },
    };
    const { _id } = (await api.post('/agents', model)).json.agent;
    const keyless = await api.post(`/agents/${_id}/trigger`, {});
    expect(keyless.status).toBe(409);
    expect(keyless.json.error).toContain('ANTHROPIC_API_KEY');
    await on.call('update_agent', { agent_id: _id, changes: { status: 'archived' } });
    expect((await api.post(`/agents/${_id}/trigger`, {})).status).toBe(409);
  });

  it('are read with 25 contacts at most, each with its proposals by index and digest', async () => {
    const { api, runPath } = await ran({ people: 30 });
    const { status, json } = await api.get(runPath);
    expect(status).toBe(200);
    expect(json.run.contact_results).toHaveLength(25);
    expect(json).toMatchObject({ total: 30, limit: 25, offset: 0 });
    const [first] = json.run.contact_results;
    expect(first).toMatchObject({
      ...RESULT,
      reasoning: expect.any(String),
      proposed_actions: [
        {
          action_index: 0,
          type: 'note',
          params: { body: 'Call c0.' },
          status: 'pending_approval',
          digest: expect.any(String),
        },
      ],
    });
    expect((await api.get(`${runPath}?offset=25`)).json.run.contact_results).toHaveLength(5);
    expect((await api.get(`${runPath}?contact_id=c7`)).json.run.contact_results).toMatchObject([{ contact_id: 'c7' }]);
    expect((await api.get(`${runPath}?limit=26`)).status).toBe(400);
    expect((await api.get(`${runPath}?contact_id=nobody`)).status).toBe(404);
  });

  it('in mode summary have their counts alone', async () => {
    const { api, runPath, run } = await ran({ people: 2 });
    const { json } = await api.get(`${runPath}?mode=summary`);
    expect(json.run).toEqual(run);
    expect(json.run.contact_results).toBeUndefined();
    expect((await api.get(`${runPath}?mode=brief`)).status).toBe(400);
    expect((await api.get('/agents/runs/run_none')).status).toBe(404);
  });

  it('are listed by status, and an unknown status is refused', async () => {
    const { api, agent_id } = await ran();
    expect((await api.get(`/agents/${agent_id}/runs?status=failed`)).json).toMatchObject({ runs: [], total: 0 });
    expect((await api.get(`/agents/${agent_id}/runs?status=done`)).status).toBe(400);
    expect((await api.get(`/agents/${agent_id}/runs?limit=101`)).status).toBe(400);
  });
});

describe('an approval by Pathbound', () => {
  it('is for what its token read of the action, and is done once', async () => {
    const { on, api, runPath, action } = await ran();
    await api.get(runPath);
    const approved = await api.post(`${action}/approve`);
    expect(approved).toMatchObject({
      status: 200,
      json: { status: 'success', action: { action_index: 0, status: 'executed' } },
    });
    const again = await api.post(`${action}/approve`);
    expect(again.status).toBe(409);
    expect(again.json.details).toContainEqual({ path: 'status', message: 'executed' });
    expect((await api.post(`${action}/reject`)).status).toBe(409);
    const { notes } = await on.call('get_contact', { contact_id: 'c0' });
    expect(notes).toHaveLength(1);
  });

  it('that nothing was read for is refused, unless it names the digest', async () => {
    const { on, api, runPath, action } = await ran();
    const blind = await api.post(`${action}/approve`);
    expect(blind.status).toBe(400);
    expect(blind.json.details).toEqual([{ path: 'expected_digest', message: 'missing' }]);
    // Neither a summary nor what another token read counts as read.
    await api.get(`${runPath}?mode=summary`);
    await clientOf(on, '/pathbound/v1', on.token()).get(runPath);
    expect((await api.post(`${action}/approve`)).status).toBe(400);
    const { proposed_actions } = (await on.call('get_run', { run_id: runPath.split('/').at(-1) })).run
      .contact_results[0];
    const [{ digest }] = proposed_actions;
    expect((await api.post(`${action}/approve?expected_digest=${digest}`, { expected_digest: 'another' })).status).toBe(
      400,
    );
    expect((await api.post(`${action}/approve?expected_digest=wrong`)).status).toBe(409);
    expect((await api.post(`${action}/approve`, { expected_digest: digest })).status).toBe(200);
  });

  it('of an action that was read in two versions shows it first, and is then for what was shown', async () => {
    const { on, api, runPath, action } = await ran({ agent: { playbook: NOTING } });
    await api.get(runPath);
    await on.call('import_contacts', { contacts: [{ id: 'c0', email: 'c0@example.com', do_not_email: true }] });
    const [{ proposed_actions }] = (await api.get(runPath)).json.run.contact_results;
    expect(proposed_actions[0].changed_since).toBeDefined();
    const shown = await api.post(`${action}/approve`);
    expect(shown.status).toBe(409);
    const row = shown.json.details.find(({ path }: { path: string }) => path === 'action').value;
    expect(row).toMatchObject({ contact_id: 'c0', digest: proposed_actions[0].digest, status: 'pending_approval' });
    expect((await api.post(`${action}/approve`)).status).toBe(200);
  });

  it('of an action that moved since it was read shows the action as it is now', async () => {
    const { on, api, runPath, action } = await ran();
    await api.get(runPath);
    await on.call('import_contacts', { contacts: [{ id: 'c0', email: 'c0@example.com', do_not_email: true }] });
    const stale = await api.post(`${action}/approve`);
    expect(stale.status).toBe(409);
    expect(stale.json.details.find(({ path }: { path: string }) => path === 'action').value).toMatchObject({
      changed_since: expect.any(Array),
    });
  });

  it('counts only what was read within the hour', async () => {
    let ahead = 0;
    const { api, runPath, action } = await ran({ deps: { now: () => new Date(Date.now() + ahead) } });
    await api.get(runPath);
    ahead = 3_600_001;
    expect((await api.post(`${action}/approve`)).status).toBe(400);
  });

  it('of what leaves the machine is refused with the ways that a person has', async () => {
    const { api, runPath, action } = await ran({
      agent: { playbook: POSTING, connections: { webhook_url: 'https://hooks.example.com/in' } },
      deps: { reviewCommand: 'node countersign review' },
    });
    await api.get(runPath);
    const short = await api.post(`${action}/approve`);
    expect(short.status).toBe(403);
    expect(short.json.details).toContainEqual({ path: 'ways', value: ['node countersign review'] });
    expect((await api.get(runPath)).json.run.contact_results[0].proposed_actions[0].status).toBe('pending_approval');
    expect(await api.post(`${action}/reject`, { reason: 'not now' })).toMatchObject({
      status: 200,
      json: { status: 'success', action: { status: 'rejected', reason: 'not now', decided_by: 'zoe' } },
    });
  });

  it('may be of an edit, and an action that is not there is 404', async () => {
    const { api, runPath, action } = await ran();
    await api.get(runPath);
    const edited = await api.post(`${action}/approve`, { params: { body: 'Call her on Monday.' } });
    expect(edited.json.action).toMatchObject({ edited_params: { body: 'Call her on Monday.' }, status: 'executed' });
    expect((await api.post(`${runPath}/contacts/c0/actions/7/approve`)).status).toBe(404);
    expect((await api.post(`${runPath}/contacts/c0/actions/x/approve`)).status).toBe(400);
    expect((await api.post(`${runPath}/contacts/nobody/actions/0/reject`)).status).toBe(404);
  });
});

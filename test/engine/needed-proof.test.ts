import { beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/domain/agents/agent.ts';
import type { Identity } from '../../src/domain/agents/identity.ts';
import { AppError } from '../../src/domain/base/errors.ts';
import type { Action } from '../../src/domain/runs/run.ts';
import { emptySummary } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { House } from '../../src/engine/base/house.ts';
import { startAttempts } from '../../src/engine/execution/attempt.ts';
import { actionDigest } from '../../src/engine/gate/digest.ts';
import type { ProofLevel } from '../../src/engine/gate/proof.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { decideElsewhere, decideShown } from '../../src/engine/review/bulk.ts';
import { locate } from '../../src/engine/review/locate.ts';
import { listPending } from '../../src/engine/review/pending.ts';
import { settleAction } from '../../src/engine/review/settle.ts';
import { createHouse } from '../../src/process/house.ts';
import type { Store } from '../../src/store/store.ts';
import { asShown } from '../support/as-shown.ts';
import { aContact, aHome, anAgent, anIdentity, NOW, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const COMMAND = '/opt/node /opt/countersign.js review';
const MAIL = { subject: 'Hello', message: 'Hi' };
const HOOK: Partial<Agent> = { connections: { webhook_url: 'https://hooks.example/x' } };
const CRM: Partial<Agent> = { connections: { crm_sync_url: 'https://crm.example/x' } };
const SMTP = { smtp_url_env: 'COUNTERSIGN_SMTP', gap_seconds: 0 };

type Case = { agent?: Partial<Agent>; identity?: Partial<Identity>; action?: Partial<Action> };
const email = (more: Partial<Action> = {}): Partial<Action> => ({ type: 'email_message', params: MAIL, ...more });
const hook = (more: Partial<Action> = {}): Partial<Action> => ({
  type: 'webhook',
  params: { payload: { n: 1 } },
  ...more,
});
const note = (more: Partial<Action> = {}): Partial<Action> => ({ type: 'note', params: { body: 'Hi' }, ...more });

let store: Store;
let house: House;
const REF = { run_id: 'run_1', contact_id: 'ct_sanne', action_index: 0 };
const by = 'tester';

function open(env: Record<string, string> = {}): void {
  const home = aHome();
  const deps = { ...testDeps(home), env: { COUNTERSIGN_SMTP: 'smtp://127.0.0.1:9', ...env }, reviewCommand: COMMAND };
  store = aStore(home, deps);
  house = createHouse(store, deps);
}

beforeEach(() => open());

/** Actions of one run for one contact, written into the store as they are, without asking the lock. */
async function kept(actions: Partial<Action>[], { agent = {}, identity }: Case = {}): Promise<void> {
  const proposed_actions = actions.map((action, action_index): Action => {
    const base = { digest: 'd', status: 'pending_approval', proposed_at: NOW } as const;
    return { ...base, action_index, type: 'note', params: {}, ...action };
  });
  const run = {
    ...{ id: REF.run_id, job_id: 'job_1', agent_id: 'ag_test', agent_version: 1, status: 'completed' as const },
    ...{ trigger: 'manual' as const, dry_run: false, created_at: NOW, created_by: by, summary: emptySummary() },
  };
  const result = { contact_id: REF.contact_id, reasoning: '', proposed_actions, blocked_actions: [] };
  const recorded = { run_id: run.id, agent_id: 'ag_test', dry_run: false, at: NOW, results: [result] };
  const events: Event[] = [
    { type: 'identity_saved', identity: anIdentity(identity) },
    { type: 'agent_saved', agent: anAgent({ ...agent, ...(identity ? { identity_id: 'id_test' } : {}) }) },
    { type: 'contacts_saved', contacts: [aContact()] },
    { type: 'run_created', run },
    { type: 'results_recorded', ...recorded },
  ];
  await store.commit('test', () => ({ events, value: undefined }));
}

const approving = async (via: ProofLevel) => approve(house, by, { ...(await asShown(house, REF)), via }, 0);
const actionNow = () => house.read((view) => locate(view, REF).action);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof AppError ? error : undefined),
  );

const LEAVES: [string, string, Case][] = [
  ['an email by SMTP', 'This email', { identity: SMTP, action: email() }],
  ['a webhook', 'This post to a web address', { agent: HOOK, action: hook() }],
  [
    'a change of contact fields that a CRM is told',
    'This change of contact fields',
    { agent: CRM, action: { type: 'crm_update', params: { fields: { plan: 'pro' } } } },
  ],
  [
    'a call of a tool',
    'This call of a tool',
    { action: { type: 'mcp_tool', params: { tool: 'files/write', arguments: {} } } },
  ],
  ['an action of a type that another build knew', 'This fax', { action: { type: 'fax', params: {} } }],
];
const STAYS: [string, Case][] = [
  ['a note', { action: note() }],
  ['an email for the outbox', { identity: {}, action: email() }],
  ['an email without a sender', { action: email() }],
  ['a message to paste on LinkedIn', { action: { type: 'linkedin_message', params: { message: 'Hi' } } }],
  ['a change of the contact’s fields', { action: { type: 'crm_update', params: { fields: { plan: 'pro' } } } }],
];

describe('by default', () => {
  it.each(LEAVES)('%s needs more than a plain call, and says so to the person', async (_, subject, given) => {
    await kept([given.action ?? {}], given);
    expect(await failure(approving('client'))).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining(
        `${subject} leaves your computer, so you approve it yourself: run \`${COMMAND}\` in a terminal of your own, or use`,
      ),
      details: { needed: 'elicited', given: 'client', ways: [COMMAND] },
    });
    expect((await actionNow()).status).toBe('pending_approval');
  });

  it.each(LEAVES)('%s is approved by a form, or in a terminal', async (_, __, given) => {
    await kept([given.action ?? {}], given);
    expect(await failure(approving('elicited'))).toBeUndefined();
  });

  it.each(STAYS)('%s needs no more than a plain call', async (_, given) => {
    await kept([given.action ?? {}], given);
    await approving('client');
    expect(await actionNow()).toMatchObject({ decided_via: 'client' });
  });

  it('is more for what an assistant or a chat proposed, whatever it is, and says why', async () => {
    for (const [source, why] of [
      ['assistant', 'Your assistant thought up this note itself'],
      ['chat', 'This note came out of a chat'],
    ] as const) {
      open();
      await kept([note({ source })]);
      expect((await failure(approving('client')))?.message).toMatch(new RegExp(`^${why}, so you approve it yourself:`));
    }
  });
});

describe('settings', () => {
  it('trust the client where the person says so in so many words, and only then', async () => {
    for (const [env, isEnough] of [
      ['client', true],
      ['elicited', false],
      ['human', false],
    ] as const) {
      open({ COUNTERSIGN_MIN_PROOF: env });
      await kept([email({ source: 'assistant' })], { identity: SMTP });
      expect((await failure(approving('client'))) === undefined, env).toBe(isEnough);
    }
  });

  it('that ask for more win over that trust, in an agent as in the environment, and say who asks', async () => {
    open({ COUNTERSIGN_MIN_PROOF: 'client' });
    await kept([note()], { agent: { approval: { require_approval: true, auto_approve: [], min_proof: 'human' } } });
    expect(await failure(approving('elicited'))).toMatchObject({
      message: expect.stringMatching(
        /^Agent "Follow-up" is set to act on your own word alone, so you approve it yourself: run `[^`]+` in a terminal of your own\. /,
      ),
    });
    open({ COUNTERSIGN_MIN_PROOF: 'human' });
    await kept([note()]);
    expect((await failure(approving('elicited')))?.message).toMatch(
      /^Your settings ask for your own word, so you approve/,
    );
  });

  it('name no command where a bundle started the process', async () => {
    const deps = { ...testDeps(aHome()), env: {} };
    store = aStore(aHome(), deps);
    house = createHouse(store, deps);
    await kept([hook()], { agent: HOOK });
    expect(await failure(approving('client'))).toMatchObject({
      message: expect.stringMatching(/yourself: use a program that shows you the forms of Countersign\. /),
      details: { ways: [] },
    });
  });
});

describe('every door asks it', () => {
  it('a bulk decision skips what falls short, decides the rest, and says what the person can do', async () => {
    await kept([note(), hook(), note({ params: { body: 'Two' } })], { agent: HOOK });
    const page = await listPending(house, by, { detail: 'brief' }, { limit: 20, offset: 0 });
    const outcome = await decideShown(house, by, { decision: 'approve', review_token: page.review_token ?? '' });
    expect(outcome).toEqual({
      decided: 2,
      skipped: [
        {
          ...{ ...REF, action_index: 1, needed: 'elicited' },
          reason: 'this post to a web address leaves your computer, so you approve it yourself',
        },
      ],
    });
  });

  it('a bulk decision names no form for a row that none can show, but the terminal', async () => {
    await kept([hook({ params: { payload: { text: 'x'.repeat(9_000) } } }), hook()], { agent: HOOK });
    const page = await listPending(house, by, { detail: 'brief' }, { limit: 20, offset: 0 });
    const bulk = { decision: 'approve' as const, review_token: page.review_token ?? '' };
    const { skipped } = await decideShown(house, by, bulk);
    expect(skipped).toMatchObject([
      {
        needed: 'human',
        reason: expect.stringMatching(/^it is too long for a form.*: run `[^`]+ review` in a terminal/),
      },
      { needed: 'elicited' },
    ]);
    expect(decideElsewhere(house.deps, skipped)).not.toContain('forms of Countersign');
  });

  it('a retry of a failed or unknown attempt', async () => {
    for (const status of ['failed', 'unknown'] as const) {
      open();
      await kept([hook({ status, attempted_at: NOW })], { agent: HOOK });
      const retrying = async (via: ProofLevel) =>
        settleAction(house, by, { ...(await asShown(house, REF)), outcome: 'retry', via });
      expect((await failure(retrying('client')))?.message).toMatch(
        /^This post to a web address leaves your computer, so you say yourself whether it is tried again: run `/,
      );
      expect((await actionNow()).status).toBe(status);
      expect((await retrying('elicited')).decided_via).toBe('elicited');
    }
  });

  it('the last look: what an earlier edition approved by a plain call goes back to the person', async () => {
    const scene = { agent: anAgent(), contact: aContact(), identity: anIdentity(SMTP) };
    const digest = actionDigest('email_message', MAIL, scene, undefined);
    const approved = { digest, status: 'approved', decided_at: NOW, decided_by: 'sam', holder: store.holder } as const;
    await kept([email({ ...approved, decided_via: 'client' }), email({ ...approved })], { identity: SMTP });
    startAttempts(house);
    await house.executing;
    for (const action_index of [0, 1]) {
      const { action } = await house.read((view) => locate(view, { ...REF, action_index }));
      expect(action).toMatchObject({
        status: 'pending_approval',
        reason:
          'Back to review: this email leaves your computer, and it is not certain that it was you who approved it.',
      });
      expect(action.decided_via).toBeUndefined();
    }
  });

  it('the lock, whoever writes the approval', async () => {
    await kept([hook()], { agent: HOOK });
    const base = { ...REF, agent_id: 'ag_test', auto_approved: false, at: NOW, from: 'pending_approval' as const };
    const approval = (decided_via: ProofLevel) =>
      house.commit(by, () => {
        const set = { decided_at: NOW, decided_by: by, decided_via };
        return { events: [{ type: 'actions_changed', changes: [{ ...base, to: 'approved', set }] }], value: undefined };
      });
    expect(await failure(approval('client'))).toMatchObject({ code: 'INTERNAL' });
    await approval('elicited');
    expect((await actionNow()).status).toBe('approved');
  });
});

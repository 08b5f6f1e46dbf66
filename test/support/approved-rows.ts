import { expect } from 'vitest';
import { HOOK, proposing, type Scene } from './approved-scene.ts';

export type Row = {
  /** What changes between the approval and the attempt. */
  when: string;
  agent?: Record<string, unknown>;
  change: (scene: Scene) => Promise<unknown>;
  /** What the action's reason says once it is back in review. */
  reads: string;
  /** Makes the action possible again. Without it, the person only has to approve what is shown now. */
  mend?: (scene: Scene) => Promise<unknown>;
};

export const NEVER = 'never';

function update({ server, agent_id }: Scene, changes: Record<string, unknown>) {
  return server.call('update_agent', { agent_id, changes });
}

function consent({ server, contact_id }: Scene, flag: string) {
  return server.call('import_contacts', { contacts: [{ id: contact_id, [flag]: true }] });
}

/** Has another agent's action for the same contact approved and executed, with these params or as proposed. */
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
  const { action } = await server.call('approve_action', await server.shown({ ...ref, ...(params ? { params } : {}) }));
  expect(action.status).toBe('executed');
}

export const ROWS: readonly Row[] = [
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
    reads: 'is set to act on your own word alone',
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

/** For an action that can't be made possible again. */
function gone(): Promise<unknown> {
  return Promise.resolve(NEVER);
}

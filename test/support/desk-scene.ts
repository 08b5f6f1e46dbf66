import { type DeskPage, type DeskServer, deskServer } from './desk-server.ts';

/** What an agent proposes in these tests. */
export const NOTE = { type: 'note', params: { body: 'Call {{ contact.firstname }}' } };
export const EMAIL = {
  type: 'email_message',
  params: { subject: 'Hello {{ contact.firstname }}', message: 'Hi {{ contact.firstname }}, how are you?' },
};

// An answer is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;

export type Ref = { run_id: string; contact_id: string; action_index: number };
export type ShownRow = Ref & { digest: string; nonce: string; status: string };

export type DeskScene = DeskServer & {
  /** An agent whose run has proposed for these contacts, and what waits of it. */
  propose: (contactIds: readonly string[], propose?: object[], more?: Record<string, unknown>) => Promise<string>;
  /** What waits, as the page is shown it. */
  rows: (page: DeskPage, search?: string) => Promise<ShownRow[]>;
  /** An action as the home has it now. */
  action: (ref: Ref) => Promise<Facts>;
};

/** What a page sends of a row. */
export function sent({ run_id, contact_id, action_index, digest, nonce }: ShownRow) {
  return { run_id, contact_id, action_index, digest, nonce };
}

export function refOf({ run_id, contact_id, action_index }: Ref): Ref {
  return { run_id, contact_id, action_index };
}

export function pathOf({ run_id, contact_id, action_index }: Ref): string {
  return `/desk/action?run_id=${run_id}&contact_id=${encodeURIComponent(contact_id)}&action_index=${action_index}`;
}

export async function deskScene(...given: Parameters<typeof deskServer>): Promise<DeskScene> {
  const on = await deskServer(...given);
  let agents = 0;
  return {
    ...on,
    async propose(contactIds, propose = [NOTE], more = {}) {
      const contacts = contactIds.map((id) => ({ id, email: `${id}@example.com`, firstname: id }));
      if (contacts.length > 0) await on.call('import_contacts', { contacts });
      const playbook = { rules: [{ name: 'all', propose }] };
      agents += 1;
      const { agent } = await on.call('create_agent', {
        name: `Agent ${agents}`,
        capabilities: ['notes', 'email'],
        playbook,
        monitoring: { max_contacts_per_run: 10_000 },
        ...more,
      });
      if (contacts.length > 0)
        await on.call('trigger_agent', { agent_id: agent.id, contact_ids: [...contactIds], wait_seconds: 30 });
      return agent.id;
    },
    async rows(page, search = '') {
      const { json } = await page.get(`/desk/queue${search}`);
      return json.actions;
    },
    async action({ run_id, contact_id, action_index }) {
      const { run } = await on.call('get_run', { run_id, contact_id });
      return run.contact_results[0].proposed_actions[action_index];
    },
  };
}

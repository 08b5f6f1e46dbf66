import { type Connection, type Era, type OnForm, type StartOptions, startServer } from './server.ts';

export type Form = Parameters<OnForm>[0];

/** A server with a client that answers forms as the test says, and the forms that the client was shown. */
export async function withPerson(
  era: Era,
  answer: (form: Form) => unknown,
  env: Record<string, string> = {},
  more: Pick<StartOptions, 'client' | 'over' | 'home' | 'args'> = {},
) {
  const forms: Form[] = [];
  const server = await startServer({
    era,
    env,
    ...more,
    onForm: async (form) => {
      forms.push(form);
      return answer(form);
    },
  });
  await server.call('import_contacts', {
    contacts: [
      { id: 'p', email: 'pat@example.com', firstname: 'Pat', lastname: 'Lee\u202e' },
      { id: 'q', email: 'quinn@example.com', firstname: 'Quinn' },
    ],
  });
  return { server, forms };
}

/** The whole text of a form, which stands beside its one field. */
export const textIn = (form: Form | undefined): string => form?.requestedSchema.properties.decision.description;

export const accept = (content: object) => ({ action: 'accept', content });
export const EMAIL = { type: 'email_message', params: { subject: 'Hello \u200bPat', message: 'Line one\nLine two' } };
export const NOTE = { type: 'note', params: { body: 'A note' } };

/** An action that waits, proposed by rules or submitted by the assistant. */
export async function waits(
  on: Connection,
  propose: object,
  settings: Record<string, unknown> = {},
  provider: 'rules' | 'assistant' = 'rules',
  ids = ['p'],
) {
  const playbook =
    provider === 'rules' ? { rules: [{ name: 'all', propose: [propose] }] } : { playbook_md: 'Write to everyone.' };
  const { agent } = await on.call('create_agent', {
    name: `Agent ${Math.random()}`,
    capabilities: ['email', 'notes'],
    playbook,
    ...settings,
  });
  const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ids });
  if (provider === 'assistant') {
    let { evaluation } = await on.call('next_evaluation', { run_id });
    while (evaluation) {
      const { evaluation_id } = evaluation;
      const answer = { run_id, evaluation_id, reasoning: 'r', proposed_actions: [propose] };
      evaluation = (await on.call('submit_evaluation', answer)).evaluation;
    }
  }
  return { agent, run_id, at: { run_id, contact_id: ids[0], action_index: 0 } };
}

/** The review token for all that waits in a run. */
export async function tokenOf(server: Connection, run_id: string) {
  return (await server.call('list_pending_actions', { run_id, detail: 'brief', limit: 100 })).review_token;
}

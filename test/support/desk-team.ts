import { expect } from 'vitest';
import { createAgent } from '../../src/engine/agents/save.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { type DeskPage, type DeskServer, deskServer } from './desk-server.ts';

const EMAIL = { type: 'email_message', params: { subject: 'Hello {{ contact.firstname }}', message: 'Zqsecretz' } };
const NOTE = { type: 'note', params: { body: 'Call {{ contact.firstname }}' } };
export const ME = { user: 'owner' };

/** Two of a team and the home's owner, each before a desk of their own; an agent of the owner's alone, and a public one. */
export async function aServedTeam(...given: Parameters<typeof deskServer>) {
  const server = await deskServer(...given);
  const people = ['ann', 'bob'].map((id) => ({ id, email: `${id}@example.com`, firstname: id }));
  await importContacts(server.house, ME, { contacts: people });
  const make = (name: string, visibility: 'private' | 'public', propose: typeof EMAIL | typeof NOTE) =>
    createAgent(server.house, ME, {
      name,
      visibility,
      capabilities: ['email', 'notes'],
      playbook: { rules: [{ name: 'all', propose: [propose] }] },
    });
  const secret = (await make('Zqprivatez', 'private', EMAIL)).agent.id;
  const shared = (await make('Shared notes', 'public', NOTE)).agent.id;
  const owner = await server.open();
  const admin = await server.open(server.token({ name: 'zoe', person: 'p_zoe' }));
  const member = await server.open(server.token({ name: 'ben', person: 'p_ben', role: 'member' }));
  return { server, owner, admin, member, secret, shared };
}

/** Has an agent look at both contacts, and gives the run. */
export async function runOf({ call }: DeskServer, agent_id: string): Promise<string> {
  return (await call('trigger_agent', { agent_id, wait_seconds: 30 })).run_id;
}

/** Decides on the first row of the queue of an agent, as the page does. */
export async function decideFirst(page: DeskPage, agent_id: string, decision: 'approve' | 'reject', reason?: string) {
  const { json } = await page.get(`/desk/queue?agent_id=${agent_id}`);
  const [{ run_id, contact_id, action_index, digest, nonce }] = json.actions;
  const rows = [{ run_id, contact_id, action_index, digest, nonce }];
  const made = await page.post('/desk/decide', { decision, rows, ...(reason === undefined ? {} : { reason }) });
  expect(made.status).toBe(200);
  return { run_id, contact_id, action_index };
}

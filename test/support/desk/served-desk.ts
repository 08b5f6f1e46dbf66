import { onTestFinished } from 'vitest';
import { ticketFilesOf } from '../../../src/files/ticket-files.ts';
import { serve } from '../served.ts';
import { type Connection, startServer, temporaryHome } from '../server.ts';

const PEOPLE = [
  { id: 'ada', email: 'ada@northwind.example', firstname: 'Ada', lastname: 'Okafor', company: 'Northwind' },
  { id: 'bruno', email: 'bruno@contoso.example', firstname: 'Bruno', lastname: 'Sá', company: 'Contoso' },
  { id: 'chen', email: 'chen@fabrikam.example', firstname: 'Chen', lastname: 'Wei', company: 'Fabrikam' },
];

const EMAIL = {
  type: 'email_message',
  params: {
    subject: 'The cost for {{ contact.company }}',
    message: 'Hi {{ contact.firstname }},\n\nshall I send it?\n\nSam',
  },
};

export type ServedDesk = { server: Connection; home: string; url: string; run_id: string; link: () => string };

/** A home that is served by the built program, with three emails that wait, and its assistant beside it. */
export async function servedDesk(propose: object[] = [EMAIL]): Promise<ServedDesk> {
  const home = temporaryHome();
  const server = await startServer({ home });
  onTestFinished(() => server.close());
  await server.call('import_contacts', {
    contacts: PEOPLE,
    events: PEOPLE.map(({ id }) => ({
      contact_id: id,
      type: 'page',
      name: 'Pricing',
      properties: { path: '/pricing' },
      timestamp: '2026-11-29T15:02:00Z',
    })),
  });
  const { identity } = await server.call('save_identity', { name: 'Sam Rivera', email: 'sam@acme.example' });
  const { agent } = await server.call('create_agent', {
    ...{
      name: 'Pricing follow-up',
      description: 'Writes to whoever looks at prices.',
      capabilities: ['email', 'notes', 'crm_sync'],
    },
    ...{ identity_id: identity.id, playbook: { rules: [{ name: 'Looked at prices', propose }] } },
  });
  const { run_id } = await server.call('trigger_agent', {
    agent_id: agent.id,
    contact_ids: PEOPLE.map(({ id }) => id),
    wait_seconds: 30,
  });
  const { url } = await serve({ home });
  const tickets = ticketFilesOf(home, () => Date.now());
  return { server, home, url, run_id, link: () => `${url}/#ticket=${tickets.issue({ kind: 'desk' })}` };
}

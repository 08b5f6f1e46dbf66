import { type Served, serve } from '../served.ts';
import { startServer } from '../server.ts';

/** A home that is served, in which a note waits: it was made by a client over stdio beside the server. */
export async function servedScene(): Promise<Served> {
  const served = await serve();
  const server = await startServer({ home: served.home });
  await server.call('import_contacts', { contacts: [{ id: 'ann', email: 'ann@example.com', firstname: 'Ann' }] });
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call' } }] }];
  const { agent } = await server.call('create_agent', { name: 'Noter', capabilities: ['notes'], playbook: { rules } });
  await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 20 });
  await server.close();
  return served;
}

import { onTestFinished } from 'vitest';
import { type Connection, type StartOptions, startServer, temporaryHome } from './server.ts';
import { type TestTools, testTools, writeConfig } from './tool-server.ts';
import { TRUSTING } from './trusting.ts';

export type Facts = ReturnType<typeof JSON.parse>;

export const ARGS = { to: 'ada@example.com', text: 'hello' };

export type Desk = { server: Connection; tools: TestTools; home: string };

/** A server with two contacts, whose config.json lists one test server as "crm", behaving in the given ways. */
export async function desk(given: string | TestTools = '', options: StartOptions = {}): Promise<Desk> {
  const tools = typeof given === 'string' ? testTools() : given;
  const home = options.home ?? temporaryHome();
  writeConfig(home, { mcpServers: { crm: tools.entry(typeof given === 'string' ? given : '') }, theme: 'dark' });
  // A client that shows forms is asked by one; with another, what is tested is the tool and not the proof.
  const env = options.onForm ? options.env : { ...TRUSTING, ...options.env };
  const server = await startServer({ ...options, ...(env ? { env } : {}), home });
  onTestFinished(() => server.close());
  const contacts = [
    { id: 'ada', email: 'ada@example.com' },
    { id: 'bob', email: 'bob@example.com', do_not_contact: true },
  ];
  await server.call('import_contacts', { contacts });
  return { server, tools, home };
}

let made = 0;

/** Makes an agent that proposes these tool calls, runs it for one contact, and gives the result. */
export async function proposed(
  server: Connection,
  calls: Record<string, unknown>[],
  settings: Record<string, unknown> = {},
  contact = 'ada',
  dry_run = false,
): Promise<{ agent: Facts; warnings: string[]; run_id: string; result: Facts; at: Record<string, unknown> }> {
  made += 1;
  const propose = calls.map((params) => ({ type: 'mcp_tool', params }));
  const { agent, warnings } = await server.call('create_agent', {
    name: `Caller ${made}`,
    capabilities: ['mcp:crm'],
    playbook: { rules: [{ name: 'all', propose }] },
    ...settings,
  });
  const { run_id } = await server.call('trigger_agent', {
    agent_id: agent.id,
    contact_ids: [contact],
    dry_run,
    wait_seconds: 20,
  });
  const { run } = await server.call('get_run', { run_id });
  const [result] = run.contact_results;
  return { agent, warnings, run_id, result, at: { run_id, contact_id: contact, action_index: 0 } };
}

export const reasons = (result: Facts): string[] => result.blocked_actions.map((blocked: Facts) => blocked.reason);

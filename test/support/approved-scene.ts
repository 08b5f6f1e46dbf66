import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { outboxFolder } from './postgres/outbox-folder.ts';
import { type Connection, startServer, temporaryHome } from './server.ts';
import { aSink, type Sink } from './sink.ts';
import { testTools, writeConfig } from './tool-server.ts';
import { TRUSTING } from './trusting.ts';

export type Ref = { run_id: string; contact_id: string; action_index: number };
export type Scene = { server: Connection; sink: Sink; agent_id: string; contact_id: string; identity_id: string };

export const EMAIL = { type: 'email_message', params: { subject: 'Hello {{ contact.id }}', message: 'Hi' } };
export const HOOK = { type: 'webhook', params: { payload: { who: '{{ contact.id }}' } } };
export function proposing(...propose: object[]) {
  return { playbook: { rules: [{ name: 'all', propose }] } };
}

/** Longer than any test: an attempt that waits for a receiver of webhooks would end by itself after 15 s. */
const HOLD_SECONDS = 600;

/** A server whose first four attempts wait for a tool until `release`: what is approved after them stays approved. */
export async function held() {
  const sink = await aSink();
  const home = temporaryHome();
  const tools = testTools();
  writeConfig(home, { mcpServers: { holder: { ...tools.entry(), tool_timeout_sec: HOLD_SECONDS } } });
  const server = await startServer({ home, env: { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host } });
  onTestFinished(() => server.close());
  await server.call('import_contacts', { contacts: [0, 1, 2, 3].map((n) => ({ id: `hold${n}` })) });
  const { agent } = await server.call('create_agent', {
    name: 'Slow',
    capabilities: ['mcp:holder'],
    ...proposing({ type: 'mcp_tool', params: { tool: 'hold', arguments: {} } }),
  });
  await server.call('trigger_agent', { agent_id: agent.id });
  await approveAll(server);
  await expect.poll(() => tools.calls()).toHaveLength(4);
  return { server, sink, release: tools.release };
}

/** An action that waits, of a new agent for a new contact. */
export async function waiting(server: Connection, sink: Sink, name: string, agent: Record<string, unknown> = {}) {
  const contact_id = name.replaceAll(' ', '-');
  await server.call('import_contacts', { contacts: [{ id: contact_id, email: `${contact_id}@example.com` }] });
  const { identity } = await server.call('save_identity', { name: 'Sam', email: 'sam@acme.example' });
  const made = await server.call('create_agent', {
    name,
    capabilities: ['email', 'webhook'],
    identity_id: identity.id,
    connections: { webhook_url: sink.url(`/${contact_id}`) },
    ...proposing(EMAIL),
    ...agent,
  });
  const run = await server.call('trigger_agent', { agent_id: made.agent.id, contact_ids: [contact_id] });
  const scene: Scene = { server, sink, agent_id: made.agent.id, contact_id, identity_id: identity.id };
  return { scene, ref: { run_id: run.run_id, contact_id, action_index: 0 } };
}

export async function actionOf(server: Connection, { run_id, contact_id }: Ref) {
  const { run } = await server.call('get_run', { run_id, contact_id });
  return run.contact_results[0].proposed_actions[0];
}

/** Webhooks wait for a week by themselves: times this far ahead aren't meant. */
const FAR_MS = 3_600_000;

/** Waits until the time of every action that has a short one is up. */
export async function timeRunsOut(server: Connection, refs: readonly Ref[]) {
  const times = await Promise.all(refs.map(async (ref) => (await actionOf(server, ref)).expires_at));
  const soon = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  const last = Math.max(0, ...soon.filter((time) => time < Date.now() + FAR_MS));
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, last + 100 - Date.now())));
}

/** Waits until none of the actions is on its way any more. */
export async function arrived(server: Connection, refs: readonly Ref[]) {
  for (const ref of refs)
    await expect.poll(async () => (await actionOf(server, ref)).status).not.toMatch(/^(approved|executing)$/);
}

function written(home: string): string[] {
  const outbox = outboxFolder(home);
  if (!fs.existsSync(outbox)) return [];
  return fs.readdirSync(outbox).map((name) => fs.readFileSync(path.join(outbox, name), 'utf8'));
}

/** How much went out for a contact: requests to the sink, and files in the outbox. */
export function sent({ server, sink, contact_id }: Scene): number {
  const posts = sink.requests.filter(({ body }) => body.includes(`"${contact_id}"`));
  return posts.length + written(server.home).filter((text) => text.includes(`Hello ${contact_id}`)).length;
}

export async function approveAll(server: Connection) {
  const { review_token } = await server.call('list_pending_actions', { detail: 'brief', limit: 100 });
  await server.call('review_actions', { decision: 'approve', review_token });
}

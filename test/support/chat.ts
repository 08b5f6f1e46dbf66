import fs from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { aModelServer } from './fixtures.ts';
import type { Script } from './model-server.ts';
import { type Era, startServer, temporaryHome } from './server.ts';

type Setting = {
  script?: Script;
  provider?: string;
  agent?: Record<string, unknown>;
  env?: Record<string, string>;
  era?: Era;
  hosts?: string;
  /** The person's config.json. */
  config?: object;
};

/** An agent whose model is on loopback. Two contacts fit its filter (c1, c2), and one doesn't (x9). */
export async function chatScene({
  script,
  provider = 'openai_compatible',
  agent = {},
  env = {},
  era = 'sdk-1',
  hosts = '',
  config = {},
}: Setting) {
  const model = await aModelServer(script);
  const home = temporaryHome();
  fs.writeFileSync(path.join(home, 'prices.json'), JSON.stringify({ 'm-1': { input: 1, output: 1 } }));
  fs.writeFileSync(path.join(home, 'config.json'), JSON.stringify(config));
  const allow = { COUNTERSIGN_ALLOW_HOSTS: `${model.host} ${hosts}` };
  const on = await startServer({ home, era, env: { ...allow, ...env } });
  onTestFinished(() => on.close());
  await on.call('import_contacts', {
    contacts: [
      { id: 'c1', email: 'ann@example.com', firstname: 'Ann', lifecycle_stage: 'lead' },
      { id: 'c2', email: 'bob@example.com', firstname: 'Bob', lifecycle_stage: 'lead' },
      { id: 'x9', email: 'eve@example.com', firstname: 'Eve', lifecycle_stage: 'customer' },
    ],
  });
  const made = await on.call('create_agent', {
    name: 'Talker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Be brief.' },
    monitoring: { filter: { lifecycle_stage: 'lead' } },
    llm_config: { provider, model: 'm-1', base_url: model.url },
    ...agent,
  });
  const say = (message: string, more: Record<string, unknown> = {}) =>
    on.call('chat_with_agent', { agent_id: made.agent.id, message, ...more });
  return { model, home, on, agent_id: made.agent.id, say, warnings: made.warnings };
}

/** A script that gives these replies to the requests of one conversation, one after another. */
export const inTurn =
  (...replies: { text: string; calls?: { name: string; input: object }[] }[]): NonNullable<Script['reply']> =>
  ({ n }) =>
    replies[n] ?? { text: 'done' };

export const propose = (input: object) => ({ text: '', calls: [{ name: 'propose_actions', input }] });
export const aNote = (body: string) => ({ type: 'note', params: { body } });

import fs from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { aModelServer } from './fixtures.ts';
import type { ModelServer, Script } from './model-server.ts';
import { type Connection, startServer, temporaryHome } from './server.ts';

const PRICES = { 'm-1': { input: 2, output: 10 } };
/** What one call costs in USD by these prices, with the 1,000 and 100 tokens that the loopback model counts. */
export const CALL = 0.003;

type Setting = {
  script?: Script;
  contacts?: number;
  env?: Record<string, string>;
  /** The content of prices.json; null for none. */
  prices?: unknown;
  agent?: Record<string, unknown>;
  llm?: Record<string, unknown>;
};

/** A server on a home with contacts c0, c1, ..., and an agent whose model is on loopback. */
export async function modelScene({
  script,
  contacts = 3,
  env = {},
  prices = PRICES,
  agent = {},
  llm = {},
}: Setting = {}) {
  const model = await aModelServer(script);
  const home = temporaryHome();
  if (prices !== null)
    fs.writeFileSync(path.join(home, 'prices.json'), typeof prices === 'string' ? prices : JSON.stringify(prices));
  const on = await startOn(home, model, env);
  await on.call('import_contacts', {
    contacts: Array.from({ length: contacts }, (_, i) => ({ id: `c${i}`, email: `c${i}@example.com` })),
  });
  const made = await on.call('create_agent', {
    name: 'Thinker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Note something about everyone.' },
    llm_config: { provider: 'openai_compatible', model: 'm-1', base_url: model.url, ...llm },
    ...agent,
  });
  return { model, home, on, made, agent_id: String(made.agent.id) };
}

export async function startOn(home: string, model: ModelServer, env: Record<string, string> = {}): Promise<Connection> {
  const on = await startServer({ home, env: { COUNTERSIGN_ALLOW_HOSTS: model.host, ...env } });
  onTestFinished(() => on.close());
  return on;
}

export async function finished(on: Connection, run_id: string) {
  const { run } = await on.call('get_run', { run_id, wait_seconds: 30 });
  return run;
}

/** The id of the contact that a request to the model is about. */
export function about(said: string): string {
  return /contact_data>\\n.*?\\"contact\\":\{\\"id\\":\\"(c\d+)\\"/.exec(said)?.[1] ?? 'nobody';
}

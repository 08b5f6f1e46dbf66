import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';
import type { Offer, OfferedTool } from '../../src/domain/agents/tool.ts';
import { isObject } from '../../src/domain/base/json.ts';
import type { Timing } from '../../src/net/tools/connect.ts';
import { createToolServers, type ToolServers } from '../../src/net/tools/servers.ts';
import { aHome, testDeps } from './fixtures.ts';
import { writeConfig } from './tool-server.ts';

type Entries = Record<string, Record<string, unknown>>;

export function servers(entries: Entries, timing: Partial<Timing> = {}, env: Record<string, string> = {}): ToolServers {
  const home = aHome();
  writeConfig(home, { mcpServers: entries });
  const pool = createToolServers({ ...testDeps(home), env }, timing);
  onTestFinished(() => pool.close());
  return pool;
}

export async function offerOf(pool: ToolServers, name: string, maxAgeMs = 0): Promise<Offer | undefined> {
  return (await pool.ask([name], maxAgeMs)).get(name);
}

export async function toolOf(pool: ToolServers, name: string, tool: string): Promise<OfferedTool> {
  const offer = await offerOf(pool, name);
  const found = offer && 'tools' in offer ? offer.tools.get(tool) : undefined;
  if (!found) throw new Error(`${name} offers no ${tool}: ${JSON.stringify(offer)}`);
  return found;
}

/** A URL on this machine at which no server listens. */
export async function closedUrl(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${isObject(address) ? String(address.port) : ''}/mcp`;
}

export async function problemOf(pool: ToolServers, name: string): Promise<string> {
  const offer = await offerOf(pool, name);
  if (!offer || 'tools' in offer) throw new Error(`${name} should have had a problem`);
  return offer.problem;
}

export const ARGS = { to: 'ada@example.com', text: 'hello' };

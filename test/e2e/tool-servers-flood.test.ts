import type http from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createToolServers } from '../../src/net/tools/servers.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aSink } from '../support/sink.ts';
import { writeConfig } from '../support/tool-server.ts';

const PIECE = 'x'.repeat(1 << 20);

function send(response: http.ServerResponse, result: object, id: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

/** Writes until the client is gone. */
function flood(response: http.ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(PIECE));
  };
  response.on('drain', more);
  more();
}

/** An MCP server over HTTP that offers `count` tools. A call of any of them is answered without end. */
async function floodingServer(count: number) {
  const sink = await aSink(({ body }, response) => {
    const { method, id } = JSON.parse(body || '{}');
    if (method === 'initialize') {
      const serverInfo = { name: 'flood', version: '1' };
      return send(response, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo }, id);
    }
    if (method === 'tools/list') {
      const tools = Array.from({ length: count }, (_, n) => ({ name: `t${n}`, inputSchema: { type: 'object' } }));
      return send(response, { tools }, id);
    }
    if (method !== 'tools/call') return response.writeHead(id === undefined ? 202 : 404).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    flood(response);
  });
  const home = aHome();
  writeConfig(home, { mcpServers: { flood: { url: sink.url() } } });
  const pool = createToolServers(testDeps(home));
  onTestFinished(() => pool.close());
  return pool;
}

describe('a server without limits', () => {
  it('is cut off in the middle of an endless answer, which leaves the call unanswered', async () => {
    const pool = await floodingServer(1);
    const offer = (await pool.ask(['flood'], 0)).get('flood');
    const tool = offer && 'tools' in offer ? offer.tools.get('t0') : undefined;
    if (!tool) throw new Error(`no tool: ${JSON.stringify(offer)}`);
    const answer = await pool.call({ server: 'flood', tool, args: {}, idempotency_key: 'k' });
    expect(answer).toEqual({ outcome: 'unanswered', text: expect.stringContaining('more than 16777216 bytes') });
  });

  it('offers at most a thousand tools', async () => {
    const pool = await floodingServer(1_001);
    const offer = (await pool.ask(['flood'], 0)).get('flood');
    expect(offer).toEqual({ problem: 'it offers 1001 tools, and 1000 is the most' });
  });
});

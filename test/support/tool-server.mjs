// A small MCP server for tests. It speaks over stdio, or on a loopback port that it prints: with --http, or with --sse
// by the HTTP transport of 2024-11-05 (--sse-404: which answers a POST of the present one with 404). Into the folder TOOL_SERVER_DIR it writes `started` (its process ids) and
// `calls` (one JSON line each). Files in that folder steer it: `description` is the description of the tool send,
// `gone` takes the tool send away, `released` ends the calls of the tool hold. TOOL_SERVER_WAYS lists how it behaves: legacy (speaks only earlier protocols),
// fragile (dies of anything before initialize), mute (never answers), stubborn (ignores the end of its input and
// SIGTERM), toolless (offers no tools), noisy (writes on stderr).
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

// Each start loads the one SDK that it speaks with: to load both takes most of the time of a start.
const current = () => import('@modelcontextprotocol/server');
const earlier = async () => ({
  ...(await import('@modelcontextprotocol/sdk/server/index.js')),
  ...(await import('@modelcontextprotocol/sdk/types.js')),
});

const folder = process.env.TOOL_SERVER_DIR ?? process.cwd();
const ways = new Set((process.env.TOOL_SERVER_WAYS ?? '').split(','));
const at = (name) => path.join(folder, name);
const INFO = { name: 'test-tools', version: '1.0.0' };
const CAPABILITIES = ways.has('toolless') ? {} : { tools: { listChanged: true } };

function toolList() {
  const description = fs.existsSync(at('description'))
    ? fs.readFileSync(at('description'), 'utf8')
    : 'Sends a message to one address.';
  const text = { type: 'string' };
  const anything = { type: 'object', properties: {} };
  const send = {
    name: 'send',
    title: 'Send a message',
    description,
    inputSchema: {
      type: 'object',
      properties: { to: { type: 'string', format: 'email' }, text, code: { type: 'string', pattern: '^(a+)+$' } },
      required: ['to', 'text'],
      additionalProperties: false,
    },
    annotations: { destructiveHint: true },
  };
  const others = ['refuse', 'err', 'hang', 'hold', 'crash', 'ask'].map((name) => ({ name, inputSchema: anything }));
  return [...(fs.existsSync(at('gone')) ? [] : [send]), ...others];
}

async function callTool({ name, arguments: args, _meta }) {
  const key = _meta?.['countersign/idempotency-key'];
  fs.appendFileSync(at('calls'), `${JSON.stringify({ name, args, key })}\n`);
  if (name === 'crash') process.exit(7);
  if (name === 'hang') await new Promise(() => {});
  while (name === 'hold' && !fs.existsSync(at('released'))) await pause(50);
  if (name === 'err') throw new Error('the ledger is locked');
  if (name === 'refuse') return { isError: true, content: [{ type: 'text', text: 'no such mailbox' }] };
  if (name === 'ask') {
    const params = { mode: 'form', message: 'Sure?', requestedSchema: { type: 'object', properties: {} } };
    return { resultType: 'input_required', inputRequests: { sure: { method: 'elicitation/create', params } } };
  }
  return { content: [{ type: 'text', text: `sent to ${args?.to}${'!'.repeat(600)}` }] };
}

function createServer({ Server }) {
  const server = new Server(INFO, { capabilities: CAPABILITIES });
  if (ways.has('toolless')) return server;
  // The list claims to hold for an hour, and may change all the same: a client has to ask again before it calls.
  server.setRequestHandler('tools/list', () => ({ tools: toolList(), ttlMs: 3_600_000, cacheScope: 'public' }));
  server.setRequestHandler('tools/call', (request) => callTool(request.params));
  return server;
}

async function createEarlier() {
  const { Server, CallToolRequestSchema, ListToolsRequestSchema } = await earlier();
  const server = new Server(INFO, { capabilities: CAPABILITIES });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: toolList() }));
  server.setRequestHandler(CallToolRequestSchema, (request) => callTool(request.params));
  return server;
}

async function serveEarlier() {
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
  const server = await createEarlier();
  if (ways.has('fragile')) {
    process.stdin.once('data', (chunk) => {
      if (!chunk.toString().includes('"initialize"')) process.exit(3);
    });
  }
  await server.connect(new StdioServerTransport());
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length > 0 ? Buffer.concat(parts) : undefined;
}

async function serveNow() {
  const sdk = await current();
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio');
  serveStdio(() => createServer(sdk));
}

async function serveHttp() {
  const sdk = await current();
  const handler = sdk.createMcpHandler(() => createServer(sdk));
  const server = http.createServer(async (request, response) => {
    fs.appendFileSync(at('authorizations'), `${request.headers.authorization ?? '-'}\n`);
    if (process.env.TOOL_SERVER_TOKEN && request.headers.authorization !== `Bearer ${process.env.TOOL_SERVER_TOKEN}`) {
      response.writeHead(401).end();
      return;
    }
    const { method } = request;
    const body = method === 'GET' ? undefined : await bodyOf(request);
    const url = `http://${request.headers.host}${request.url}`;
    const answer = await handler.fetch(new Request(url, { method, headers: request.headers, body }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body) for await (const part of answer.body) response.write(part);
    response.end();
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
}

/** The status with which a server of the earlier transport answers what it doesn't know. */
const refusal = () => Number(/--sse-(\d+)/.exec(process.argv.join(' '))?.[1] ?? 404);

async function serveSse() {
  const { SSEServerTransport } = await import('@modelcontextprotocol/sdk/server/sse.js');
  const transports = new Map();
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    if (process.env.TOOL_SERVER_TOKEN && request.headers.authorization !== `Bearer ${process.env.TOOL_SERVER_TOKEN}`) {
      response.writeHead(401).end();
      return;
    }
    if (request.method !== 'GET') {
      const transport = transports.get(url.searchParams.get('sessionId'));
      if (transport) await transport.handlePostMessage(request, response);
      else response.writeHead(refusal()).end('Cannot POST');
      return;
    }
    const transport = new SSEServerTransport('/messages', response);
    transports.set(transport.sessionId, transport);
    const earlierServer = await createEarlier();
    await earlierServer.connect(transport);
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
}

fs.appendFileSync(at('started'), `${process.pid}\n`);
if (ways.has('noisy')) process.stderr.write('a line on stderr\n');
if (ways.has('stubborn')) {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1_000);
}
if (ways.has('mute')) setInterval(() => {}, 1_000);
else if (process.argv.includes('--http')) await serveHttp();
else if (process.argv.some((given) => given.startsWith('--sse'))) await serveSse();
else if (ways.has('legacy') || ways.has('fragile')) await serveEarlier();
else await serveNow();

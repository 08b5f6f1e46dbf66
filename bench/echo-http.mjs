// The bare SDK's echo over HTTP, by both ways: 2026-07-28 without sessions, and older revisions with a session each.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

function echo() {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, async ({ text }) => ({
    content: [{ type: 'text', text }],
    structuredContent: { text },
  }));
  return server;
}

const handler = createMcpHandler(echo, { legacy: 'reject' });
const sessions = new Map();

async function legacy(request) {
  const known = sessions.get(request.headers.get('mcp-session-id'));
  if (known) return known.handleRequest(request);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  await echo().connect(transport);
  return transport.handleRequest(request);
}

const listener = getRequestListener(async (request) =>
  (await isLegacyRequest(request)) ? legacy(request) : handler.fetch(request),
);
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => process.stderr.write(`echo at http://127.0.0.1:${server.address().port}\n`));

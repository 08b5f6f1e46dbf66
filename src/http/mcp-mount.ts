import { rpcRefusal } from './answers.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';
import type { Mount } from './mount.ts';

const METHODS = ['POST', 'GET', 'DELETE'];
const NO_JSON = { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'Parse error: the body is no JSON.' } };

/** `/mcp`: MCP over Streamable HTTP. */
export function mcpMount(endpoint: McpEndpoint): Mount {
  return {
    holds: (path) => path === '/mcp',
    schemes: ['Bearer'],
    refuse: rpcRefusal,
    methodsAt: () => METHODS,
    async handle({ request, text, caller }) {
      let body: unknown;
      try {
        body = text === '' ? undefined : JSON.parse(text);
      } catch {
        return Response.json(NO_JSON, { status: 400 });
      }
      if (request.method === 'POST' && body === undefined) return Response.json(NO_JSON, { status: 400 });
      return endpoint.handle({ request, body, caller });
    },
  };
}

import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import type { Connection } from '../server.ts';
import { type OpenedPage, openPage } from './browser.ts';

/** The policy that MCP Apps has a host set for a panel that declares nothing. */
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'none'";

/** A host's page: it draws the panel in a frame, greets it, and passes on its calls of tools. */
function hostPage(capabilities: object, result: object): string {
  return `<!doctype html><title>Host</title><iframe src="/panel" sandbox="allow-scripts" width="700" height="640"></iframe><script>
    const frame = document.querySelector('iframe');
    const post = (message) => frame.contentWindow.postMessage({ jsonrpc: '2.0', ...message }, '*');
    window.heard = [];
    window.addEventListener('message', async ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      window.heard.push(data.method);
      const { id, method, params } = data;
      if (method === 'ui/initialize')
        post({ id, result: { protocolVersion: '2026-01-26', hostInfo: { name: 'host', version: '1' }, hostContext: { theme: 'dark' }, hostCapabilities: ${JSON.stringify(capabilities)} } });
      if (method === 'ui/notifications/initialized') post({ method: 'ui/notifications/tool-result', params: ${JSON.stringify(result)} });
      if (method === 'tools/call') post({ id, result: await window.callTool(params) });
    });
  </script>`;
}

/** The panel as a client draws it beside a result of list_pending_actions, over a server that answers its calls. */
export async function drawnPanel(server: Connection, capabilities: object = { serverTools: {} }): Promise<OpenedPage> {
  const result = await server.raw('list_pending_actions', {});
  const { text } = await server.resource('ui://countersign/desk');
  const web = createServer((request, response) => {
    const isPanel = request.url === '/panel';
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      ...(isPanel ? { 'content-security-policy': POLICY } : {}),
    });
    response.end(isPanel ? text : hostPage(capabilities, result));
  });
  await new Promise<void>((resolve) => web.listen(0, 'localhost', resolve));
  onTestFinished(() => void web.close());
  const address = web.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const opened = await openPage('about:blank');
  await opened.page.exposeFunction(
    'callTool',
    ({ name, arguments: args }: { name: string; arguments: Record<string, unknown> }) => server.raw(name, args),
  );
  await opened.page.goto(`http://localhost:${port}/`);
  return opened;
}

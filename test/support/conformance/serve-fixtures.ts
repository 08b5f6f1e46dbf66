import { IncomingMessage } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createFailedLogins } from '../../../src/http/failed-logins.ts';
import { createFront } from '../../../src/http/front.ts';
import { listen } from '../../../src/http/listener.ts';
import type { Caller } from '../../../src/http/logins.ts';
import { McpEndpoint } from '../../../src/http/mcp-endpoint.ts';
import { mcpMount } from '../../../src/http/mcp-mount.ts';
import { siteOf } from '../../../src/http/options.ts';
import { createStreams } from '../../../src/http/streams.ts';
import { createWatcher } from '../../../src/mcp/subscriptions/watcher.ts';
import { inProcess } from '../in-process.ts';
import { createFixtureServer } from './fixture-server.ts';

/** Whoever calls: there is one token, and it may do everything. */
const ANYBODY: Caller = { key: 'suite', person: { user: 'suite' }, dialect: 'pathbound', isInForce: () => true };

/** Serves the fixtures by the product's own code: listener, guards, sessions, streams. Only what is called is another. */
export async function serveFixtures(publicUrl: URL): Promise<{ url: string; close: () => Promise<void> }> {
  const { house } = inProcess();
  const streams = createStreams();
  const endpoint = new McpEndpoint({
    ...{ house, houseOf: () => house, streams, offers: () => true },
    watcher: createWatcher(house),
    createServer: createFixtureServer,
  });
  const options = { port: 0, host: undefined, publicUrl, trustsProxy: false };
  let answer: ReturnType<typeof createFront> | undefined;
  const listening = await listen(
    getRequestListener(
      async (request, { incoming }) =>
        answer && incoming instanceof IncomingMessage ? answer(request, incoming) : new Response(null, { status: 503 }),
      { overrideGlobalObjects: false },
    ),
    options,
  );
  answer = createFront({
    site: siteOf(options, listening.port),
    login: async () => ANYBODY,
    failedLogins: createFailedLogins(),
    mounts: [mcpMount(endpoint)],
    challenge: undefined,
    open: new Map(),
  });
  const close = async () => {
    const closed = listening.close();
    await streams.finish(0);
    await endpoint.close();
    listening.drop();
    await closed;
  };
  return { url: `http://127.0.0.1:${listening.port}`, close };
}

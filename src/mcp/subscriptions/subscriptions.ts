import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type RequestId,
  UriTemplate,
} from '@modelcontextprotocol/server';
import { AppError } from '../../domain/base/errors.ts';
import type { House } from '../../engine/base/house.ts';
import type { ResourceView, Tool } from '../define-tool.ts';
import { argumentsOf, protocolError } from '../resources.ts';
import type { Watcher } from './watcher.ts';

const MOST = 1_000;
/** Owner of what `resources/subscribe` asked for; `subscriptions/listen` requests own theirs by their id. */
const SUBSCRIBE = Symbol('resources/subscribe');

/** The transport of a connection that takes `subscriptions/listen`: tells which URIs a listen request has, none once it ended. */
export type Listens = { onlisten?: (id: RequestId, uris: readonly string[]) => void };

export function canSubscribe(tools: readonly Tool[]): boolean {
  return tools.some((tool) => tool.resources.some((view) => view.fingerprint));
}

function variablesOf(view: ResourceView, uri: string): Record<string, string> | undefined {
  const variables = new UriTemplate(view.uri).match(uri);
  try {
    return variables ? argumentsOf(variables) : undefined;
  } catch {
    // What isn't percent-encoded text is no resource's address.
    return undefined;
  }
}

/** How to see that a resource changed; undefined for one that can't be subscribed to. */
function fingerprintOf(tools: readonly Tool[], uri: string, house: House): (() => Promise<string>) | undefined {
  for (const view of tools.flatMap((tool) => tool.resources)) {
    const { fingerprint } = view;
    const variables = fingerprint && variablesOf(view, uri);
    if (variables) return () => fingerprint(variables, house);
  }
  return undefined;
}

/** What one connection is subscribed to, each resource watched once however often it was asked for. */
function createSubscriptions(watch: (uri: string) => (() => void) | undefined) {
  const subscribed = new Map<string, { owners: Set<unknown>; stop: () => void }>();

  function remove(owner: unknown, uri: string): void {
    const found = subscribed.get(uri);
    if (!found?.owners.delete(owner) || found.owners.size > 0) return;
    found.stop();
    subscribed.delete(uri);
  }

  return {
    /** False where there are too many already. */
    add(owner: unknown, uri: string): boolean {
      const found = subscribed.get(uri);
      if (found) found.owners.add(owner);
      if (found) return true;
      if (subscribed.size >= MOST) return false;
      const stop = watch(uri);
      if (stop) subscribed.set(uri, { owners: new Set([owner]), stop });
      return true;
    },
    remove,
    removeAll(owner: unknown): void {
      for (const uri of [...subscribed.keys()]) remove(owner, uri);
    },
    close(): void {
      for (const { stop } of subscribed.values()) stop();
      subscribed.clear();
    },
  };
}

export type SubscriptionOptions = { house: House; watcher: Watcher; listens?: Listens };

/** Notifies of changes of what the client subscribed to, by `resources/subscribe` or, since 2026-07-28, by a listen request. */
export function serveSubscriptions(server: McpServer, tools: readonly Tool[], options: SubscriptionOptions): void {
  const { house, watcher, listens } = options;
  const subscriptions = createSubscriptions((uri) => {
    const fingerprint = fingerprintOf(tools, uri, house);
    // The SDK sends it to each listen request that asked for this URI.
    const notify = () => server.server.sendResourceUpdated({ uri }).catch(() => undefined);
    return fingerprint && watcher.watch(fingerprint, notify);
  });

  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    const fingerprint = fingerprintOf(tools, uri, house);
    if (!fingerprint)
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `${uri} can't be subscribed to: runs and countersign://pending can.`,
        { uri },
      );
    try {
      await fingerprint();
      if (!subscriptions.add(SUBSCRIBE, uri))
        throw new AppError('LIMIT_EXCEEDED', `A connection may subscribe to ${MOST} resources. Unsubscribe from some.`);
    } catch (error) {
      throw protocolError(error, house.deps, { uri });
    }
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    subscriptions.remove(SUBSCRIBE, uri);
    return {};
  });
  if (listens)
    listens.onlisten = (id, uris) => {
      subscriptions.removeAll(id);
      for (const uri of uris) subscriptions.add(id, uri);
    };
  server.server.onclose = () => subscriptions.close();
}

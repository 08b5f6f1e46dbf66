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
import type { Watch, Watcher } from './watcher.ts';

const MOST_RESOURCES = 1_000;
/** The owner of what `resources/subscribe` asked for. What a listen request asked for is owned by the request's id. */
const SUBSCRIBE = Symbol('resources/subscribe');

/**
 * A transport that tells which URIs a `subscriptions/listen` request has, by its id: none once the request ended. It acknowledges the
 * request once `onlisten` has resolved: whoever has that hears of every change from then on.
 */
export type Listens = { onlisten?: (id: RequestId, uris: readonly string[]) => Promise<void> };

export function canSubscribe(tools: readonly Tool[]): boolean {
  return tools.some((tool) => tool.resources.some((view) => view.fingerprint));
}

function variablesOf(view: ResourceView, uri: string): Record<string, string> | undefined {
  const variables = new UriTemplate(view.uri).match(uri);
  try {
    return variables ? argumentsOf(variables) : undefined;
  } catch {
    // A URI that isn't percent-encoded text names no resource.
    return undefined;
  }
}

/** The fingerprint by which a change of a resource shows; undefined for a resource that can't be subscribed to. */
export function fingerprintOf(tools: readonly Tool[], uri: string, house: House): (() => Promise<string>) | undefined {
  for (const view of tools.flatMap((tool) => tool.resources)) {
    const { fingerprint } = view;
    const variables = fingerprint && variablesOf(view, uri);
    if (variables) return () => fingerprint(variables, house);
  }
  return undefined;
}

/** The subscriptions of one connection, or over HTTP of one caller. A resource is watched once, however many owners subscribe to it. */
export function createSubscriptions(watch: (uri: string) => Watch | undefined) {
  const subscribed = new Map<string, { owners: Set<unknown>; watch: Watch }>();

  function remove(owner: unknown, uri: string): void {
    const found = subscribed.get(uri);
    if (!found?.owners.delete(owner) || found.owners.size > 0) return;
    found.watch.stop();
    subscribed.delete(uri);
  }

  return {
    /**
     * Subscribes an owner to a resource; false where the connection has its 1,000 resources already. Resolves once every later
     * change is noticed.
     */
    async add(owner: unknown, uri: string): Promise<boolean> {
      const known = subscribed.get(uri);
      if (!known && subscribed.size >= MOST_RESOURCES) return false;
      const watched = known?.watch ?? watch(uri);
      if (known) known.owners.add(owner);
      else if (watched) subscribed.set(uri, { owners: new Set([owner]), watch: watched });
      await watched?.begun;
      return true;
    },
    remove,
    removeAll(owner: unknown): void {
      for (const uri of [...subscribed.keys()]) remove(owner, uri);
    },
    close(): void {
      for (const { watch } of subscribed.values()) watch.stop();
      subscribed.clear();
    },
  };
}

export type SubscriptionOptions = { house: House; watcher: Watcher; listens?: Listens };

/** Tells a client of changes of the resources that it named in `resources/subscribe` or in a listen request. */
export function serveSubscriptions(server: McpServer, tools: readonly Tool[], options: SubscriptionOptions): void {
  const { house, watcher, listens } = options;
  const subscriptions = createSubscriptions((uri) => {
    const fingerprint = fingerprintOf(tools, uri, house);
    // The SDK passes the notification to each listen request that named this URI.
    const notify = () => server.server.sendResourceUpdated({ uri }).catch(() => undefined);
    return fingerprint && watcher.watch(fingerprint, notify);
  });

  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    const fingerprint = fingerprintOf(tools, uri, house);
    if (!fingerprint)
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `${uri} can't be subscribed to. Runs and countersign://pending can.`,
        { uri },
      );
    try {
      await fingerprint();
      if (!(await subscriptions.add(SUBSCRIBE, uri)))
        throw new AppError(
          'LIMIT_EXCEEDED',
          `A connection may subscribe to ${MOST_RESOURCES} resources. Unsubscribe from some.`,
        );
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
    listens.onlisten = async (id, uris) => {
      subscriptions.removeAll(id);
      await Promise.all(uris.map((uri) => subscriptions.add(id, uri)));
    };
  server.server.onclose = () => subscriptions.close();
}

import { type JSONRPCMessage, type RequestId, SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { isObject } from '../../domain/base/json.ts';
import { shortened } from '../../domain/text/shortened.ts';
import type { Listens } from './subscriptions.ts';

/** The most characters of a message of the SDK's own errors: it repeats names that nobody knows, however long they are. */
const LONGEST_MESSAGE = 2_000;

function kept(message: JSONRPCMessage): JSONRPCMessage {
  if (!('error' in message) || message.error.message.length <= LONGEST_MESSAGE) return message;
  return { ...message, error: { ...message.error, message: shortened(message.error.message, LONGEST_MESSAGE) } };
}

function idIn(value: unknown): RequestId | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** The URIs that the SDK granted to a listen request, by the SDK's acknowledgement; undefined for any other message. */
function granted(message: JSONRPCMessage): { id: RequestId; uris: string[] } | undefined {
  if (!('method' in message) || message.method !== 'notifications/subscriptions/acknowledged') return undefined;
  const params: Record<string, unknown> = { ...message.params };
  const id = isObject(params._meta) ? idIn(params._meta[SUBSCRIPTION_ID_META_KEY]) : undefined;
  const uris = isObject(params.notifications) ? params.notifications.resourceSubscriptions : undefined;
  return id === undefined ? undefined : { id, uris: Array.isArray(uris) ? uris.map(String) : [] };
}

/**
 * A stdio transport that tells which resources the client listens to, and until when. It reads that off the messages,
 * because the SDK serves `subscriptions/listen` by itself and tells the server nothing of it.
 */
export class ListeningTransport extends StdioServerTransport implements Listens {
  onlisten?: (id: RequestId, uris: readonly string[]) => Promise<void>;
  /** Listen requests that aren't acknowledged yet, by id; false once the client has cancelled one. */
  private readonly asked = new Map<RequestId, boolean>();
  private sending: Promise<void> = Promise.resolve();

  override async start(): Promise<void> {
    const deliver = this.onmessage;
    this.onmessage = (message, ...extra) => {
      this.receive(message);
      deliver?.(message, ...extra);
    };
    await super.start();
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    const listened = granted(message);
    const isWanted = listened && this.asked.get(listened.id) === true;
    const settled = listened?.id ?? ('id' in message ? message.id : undefined);
    if (settled !== undefined) this.asked.delete(settled);
    if (isWanted) await this.onlisten?.(listened.id, listened.uris);
    await this.sendInTurn(message);
  }

  /** Sends one message after another: thousands that wait for a slow reader at once cost the square of their number. */
  private sendInTurn(message: JSONRPCMessage): Promise<void> {
    const sent = this.sending.then(() => super.send(kept(message)));
    this.sending = sent.catch(() => undefined);
    return sent;
  }

  private receive(message: JSONRPCMessage): void {
    if (!('method' in message)) return;
    if (message.method === 'subscriptions/listen' && 'id' in message) this.asked.set(message.id, true);
    if (message.method !== 'notifications/cancelled') return;
    const id = idIn(message.params?.requestId);
    if (id === undefined) return;
    if (this.asked.has(id)) this.asked.set(id, false);
    else void this.onlisten?.(id, []);
  }
}

import type { Client, Transport } from '@modelcontextprotocol/client';
import { AppError } from '../../domain/base/errors.ts';
import { bytesOf } from '../../domain/base/json.ts';

const METHOD = 'tools/list';
const MOST_TOOLS = 1_000;
const MOST_PAGES = 100;
/** Bytes of all definitions of a server together. A large one counts as `LARGE`, because it isn't read to its end. */
const MOST_BYTES = 4 << 20;
const LARGE = 256 << 10;

type ListPage = { tools: unknown; nextCursor?: string | undefined };

/** All pages of a list, as far as a server of good will would go. */
async function everyPage(pageAt: (cursor: string | undefined) => Promise<ListPage>): Promise<unknown[]> {
  const items: unknown[] = [];
  const cursors = new Set<string | undefined>();
  let cursor: string | undefined;
  let bytes = 0;
  do {
    if (cursors.size >= MOST_PAGES)
      throw new AppError('LIMIT_EXCEEDED', `its list of tools has more than ${MOST_PAGES} pages`);
    cursors.add(cursor);
    const { tools, nextCursor } = await pageAt(cursor);
    if (!Array.isArray(tools)) throw new AppError('PROVIDER_ERROR', 'its list of tools is no list');
    const count = items.length + tools.length;
    if (count > MOST_TOOLS)
      throw new AppError('LIMIT_EXCEEDED', `it offers ${count} tools, and ${MOST_TOOLS} is the most`);
    for (const item of tools) {
      items.push(item);
      bytes += bytesOf(item, LARGE);
    }
    if (bytes > MOST_BYTES)
      throw new AppError('LIMIT_EXCEEDED', `its definitions of tools are larger than ${MOST_BYTES >> 20} MB together`);
    // Some servers write an empty cursor on the last page.
    cursor = nextCursor || undefined;
    if (cursor !== undefined && cursors.has(cursor))
      throw new AppError('PROVIDER_ERROR', 'its list of tools leads back to an earlier page');
  } while (cursor !== undefined);
  return items;
}

/** Lists a server's tools as the server wrote them. Throws the SDK's errors, and AppError for what no list can be. */
export type ListTools = (timeout: number) => Promise<unknown[]>;

/**
 * Takes lists of tools out of a server's answers before the SDK reads them. The SDK refuses a whole list for one bad
 * definition in it, and its own look at a definition has no limit of work.
 */
export function listingOver(client: Client, transport: Transport): ListTools {
  /** What came for the requests that wait for a list, by the id of the request. */
  const waiting = new Map<unknown, { tools?: unknown }>();
  let newest: unknown;
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if ('method' in message && message.method === METHOD && 'id' in message) {
      newest = message.id;
      waiting.set(newest, {});
    }
    return send(message, options);
  };
  const receive = transport.onmessage;
  transport.onmessage = (message, extra) => {
    const page = 'result' in message ? waiting.get(message.id) : undefined;
    if (!page || !('result' in message)) return receive?.(message, extra);
    const { tools, nextCursor, ...result } = message.result;
    page.tools = tools;
    // How long the list holds doesn't matter, because a server is asked all the same.
    const rest = { ...result, ttlMs: 0, cacheScope: 'private', ...(nextCursor == null ? {} : { nextCursor }) };
    receive?.({ ...message, result: { ...rest, tools: [] } }, extra);
  };
  return (timeout) =>
    everyPage(async (cursor) => {
      const asking = client.request({ method: METHOD, params: cursor === undefined ? {} : { cursor } }, { timeout });
      // The request is sent at once, so the newest id is its own.
      const id = newest;
      try {
        const { nextCursor } = await asking;
        return { tools: waiting.get(id)?.tools, nextCursor };
      } finally {
        waiting.delete(id);
      }
    });
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { pageHeaders } from '../../../src/desk/page.ts';
import { type FakeState, type Json, keyOf, posted, queueOf, storyOf } from './fake-answers.ts';
import { aChange, aMorning, type FakeRow } from './rows.ts';

const PAGE = path.join(import.meta.dirname, '../../../dist/desk.html');

async function bodyOf(request: IncomingMessage): Promise<Json> {
  let text = '';
  for await (const part of request) text += String(part);
  return text === '' ? {} : JSON.parse(text);
}

export type FakeDesk = Awaited<ReturnType<typeof fakeDesk>>;

/** A server of the desk without a home behind it: the same routes and shapes, told what to say by the test. */
export async function fakeDesk(given: Partial<FakeState> = {}, port = 0) {
  const state: FakeState = {
    ...{
      rows: aMorning(),
      changes: [aChange()],
      passkeys: [],
      signing: false,
      held: undefined,
      brake: { on: false },
      asked: [],
    },
    ...{
      tickets: new Set(['ticket-1']),
      keys: new Set<string>(),
      stories: new Map(),
      pages: new Map(),
      skips: new Map(),
    },
    ...given,
  };
  const streams = new Set<ServerResponse>();
  const isOpen = ({ status }: FakeRow) => status === 'pending_approval' || status === 'unknown';
  const tell = () => {
    const [waiting, changes] = [state.rows.filter(isOpen).length, state.changes.length];
    const data = JSON.stringify({ waiting, unknown: 0, changes });
    for (const stream of streams) stream.write(`event: changed\ndata: ${data}\n\n`);
  };

  function me(): Json {
    return {
      ...{
        person: { name: 'Sam' },
        may: { read: true, write: true, trigger: true, approve: true },
        home: '/home/sam/countersign',
      },
      ...{
        version: '0.1.0',
        url: 'http://localhost',
        passkeys: state.passkeys,
        signing: state.signing,
        may_enrol: true,
        notices: {},
      },
    };
  }

  function answer(request: IncomingMessage, url: URL, body: Json): unknown {
    if (request.method === 'POST') return posted(state, url.pathname, body);
    if (url.pathname === '/desk/me') return me();
    if (url.pathname === '/desk/queue') return queueOf(state, url.searchParams);
    if (url.pathname === '/desk/passkeys') return { passkeys: state.passkeys, signing: state.signing, may_enrol: true };
    const wanted = Object.fromEntries(url.searchParams);
    const row = state.rows.find((known) => keyOf(known) === keyOf(wanted));
    if (url.pathname === '/desk/action' && row) return storyOf(state, row);
    return state.pages.get(url.pathname);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/') {
      const html = readFileSync(PAGE, 'utf8');
      response.writeHead(200, { ...pageHeaders(html), 'content-type': 'text/html; charset=utf-8' });
      response.end(html);
      return;
    }
    const body = await bodyOf(request);
    const key = request.headers['x-countersign-key'];
    state.asked.push({
      path: url.pathname,
      method: request.method ?? '',
      body,
      key: typeof key === 'string' ? key : undefined,
    });
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (url.pathname === '/desk/ticket' && state.tickets.delete(String(body.ticket))) {
      const made = randomBytes(8).toString('hex');
      state.keys.add(made);
      return send(200, { key: made, kind: 'desk' });
    }
    if (!state.keys.has(String(key)))
      return send(401, { error: { code: 'UNAUTHORIZED', message: 'Run countersign open.' } });
    if (url.pathname === '/desk/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return tell();
    }
    const said = answer(request, url, body);
    if (url.pathname === '/desk/queue') await state.held;
    send(said === undefined ? 404 : 200, said ?? { error: { code: 'NOT_FOUND', message: 'There is nothing here.' } });
    if (request.method === 'POST' && !url.pathname.endsWith('edit')) tell();
  }

  const server = createServer((request, response) => void handle(request, response));
  const listenAt = (on: number) => new Promise<void>((resolve) => server.listen(on, 'localhost', resolve));
  await listenAt(port);
  const address = server.address();
  const at = typeof address === 'object' && address ? address.port : port;
  const goAway = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    state,
    tell,
    stop: goAway,
    goAway,
    comeBack: () => listenAt(at),
    port: at,
    url: `http://localhost:${at}`,
    link: `http://localhost:${at}/#ticket=ticket-1`,
  };
}

import net from 'node:net';

// A result is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;
type Answer = { status: number; headers: Headers; body: string; json: Facts };

const ACCEPT = 'application/json, text/event-stream';

/** The first JSON in an answer: its body, or the data of its first event that has some. */
function jsonIn(body: string): Facts {
  const data = body.split('\n').find((line) => line.startsWith('data: {'));
  try {
    return JSON.parse(data?.slice('data: '.length) ?? body);
  } catch {
    return undefined;
  }
}

/** Posts a JSON body as clients of MCP do. */
export async function post(
  url: string,
  token: string,
  body: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(new URL('/mcp', url), {
    method: 'POST',
    headers: { accept: ACCEPT, 'content-type': 'application/json', authorization: `Bearer ${token}`, ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text, json: jsonIn(text) };
}

export function initialize(capabilities: object = {}, clientInfo: object = { name: 'wire', version: '1' }) {
  return {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities, clientInfo },
  };
}

/** A new session's id. */
export async function aSession(url: string, token: string, ...said: Parameters<typeof initialize>): Promise<string> {
  const { status, headers, body } = await post(url, token, initialize(...said));
  const id = headers.get('mcp-session-id');
  if (id === null) throw new Error(`no session: ${status} ${body}`);
  await post(url, token, { jsonrpc: '2.0', method: 'notifications/initialized' }, { 'mcp-session-id': id });
  return id;
}

export const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

export function toolCall(name: string, args: object = {}) {
  return { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name, arguments: args } };
}

/** Sends bytes as they are, and gives what came back until the server closed, or until `enough` of it is there. */
export async function rawHttp(
  url: string,
  text: string,
  enough: (answer: string) => boolean = (answer) => /\r\n\r\n/.test(answer),
): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part) => {
      answer += part;
      if (enough(answer)) socket.destroy();
    });
    socket.once('close', () => resolve(answer)).once('error', reject);
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';

const ACCEPT = 'application/json, text/event-stream';
const MODERN = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'countersign-bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'countersign-bench', version: '1.0.0' },
};

/** The first JSON-RPC message in an answer: its body, or the data of its first event. */
function messageIn(body) {
  const data = body.split('\n').find((line) => line.startsWith('data: {'));
  return JSON.parse(data === undefined ? body : data.slice('data: '.length));
}

/** A server over HTTP as a child process. It is spoken to over one connection that stays, without a client library. */
export class HttpPeer {
  #child;
  #url;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #token;
  #lastId = 0;

  constructor(args, { env = {}, token } = {}) {
    this.#token = token;
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
  }

  /** Waits until the server says where it listens. */
  async listening() {
    let said = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    while (this.#url === undefined) {
      await Promise.race([once(this.#child.stderr, 'data'), once(this.#child, 'exit')]);
      if (this.#child.exitCode !== null) throw new Error(`the server ended: ${said}`);
      this.#url = / at (http:\/\/\S+)/.exec(said)?.[1];
    }
    return this;
  }

  async #send(path, method, headers, body) {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const request = http.request(new URL(path, this.#url), {
      ...{ agent: this.#agent, method },
      headers: { accept: ACCEPT, 'content-type': 'application/json', ...authorization, ...headers },
    });
    request.end(body);
    const [response] = await once(request, 'response');
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    return { status: response.statusCode, headers: response.headers, text };
  }

  async ready() {
    const { status } = await this.#send('/readyz', 'GET', {});
    if (status !== 200) throw new Error(`not ready: ${status}`);
  }

  /** A one-time link to the desk, for whoever holds the token. */
  async deskLink() {
    const { text } = await this.#send('/desk/entry', 'POST', {}, '{}');
    return JSON.parse(text).url;
  }

  /** Opens a session of a revision before 2026-07-28, and gives its id. */
  async session() {
    const { headers, text } = await this.#rpc('initialize', INITIALIZE, {});
    const id = headers['mcp-session-id'];
    if (id === undefined) throw new Error(`no session: ${text}`);
    const told = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await this.#send('/mcp', 'POST', { 'mcp-session-id': id }, told);
    return id;
  }

  #rpc(method, params, headers) {
    this.#lastId += 1;
    return this.#send('/mcp', 'POST', headers, JSON.stringify({ jsonrpc: '2.0', id: this.#lastId, method, params }));
  }

  /** Calls a tool: in a session, or without one by 2026-07-28. Gives its structured content. */
  async call(name, args = {}, session = undefined) {
    const params = { name, arguments: args };
    const modern = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': name };
    const { status, text } =
      session === undefined
        ? await this.#rpc('tools/call', { ...params, _meta: META }, modern)
        : await this.#rpc('tools/call', params, { 'mcp-session-id': session });
    const { result } = status === 200 ? messageIn(text) : {};
    if (!result || result.isError) throw new Error(`${name}: ${status} ${text}`);
    return result.structuredContent;
  }

  get pid() {
    return this.#child.pid;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** The process's resident memory in MB, as Linux tells it. */
  residentMb() {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1];
    return Number(kb) / 1024;
  }

  async end() {
    this.#agent.destroy();
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

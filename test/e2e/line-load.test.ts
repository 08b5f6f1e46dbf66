import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE, baseEnv, temporaryHome } from '../support/server.ts';

type Message = { id?: unknown; error?: { code: number; message: string }; result?: ReturnType<typeof JSON.parse> };

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1.0.0' },
};

/** The built server, spoken to in lines. */
class Wire {
  readonly #server: ChildProcess;
  readonly #said: Message[] = [];
  #heard = () => {};

  constructor() {
    this.#server = spawn(process.execPath, [BUNDLE], {
      env: baseEnv(temporaryHome()),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    if (!this.#server.stdout) throw new Error('the server has no stdout');
    createInterface({ input: this.#server.stdout }).on('line', (line) => {
      this.#said.push(JSON.parse(line));
      this.#heard();
    });
  }

  send(message: unknown): void {
    this.#server.stdin?.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  /** The next message of the server, in the order of its saying. */
  async next(): Promise<Message> {
    for (;;) {
      const said = this.#said.shift();
      if (said) return said;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  end(): void {
    this.#server.stdin?.end();
  }
}

let wire: Wire;
beforeAll(async () => {
  wire = new Wire();
  wire.send({ jsonrpc: '2.0', id: 'start', method: 'initialize', params: INITIALIZE });
  await wire.next();
  wire.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
});
afterAll(() => wire.end());

const called = (name: string, args: unknown) => ({ method: 'tools/call', params: { name, arguments: args } });
const fields = (count: number, from = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${from + at}`, at]));
const list = <T>(length: number, item: (at: number) => T) => Array.from({ length }, (_, at) => item(at));

describe('a message that holds very much', () => {
  it.each([
    ['200,000 different names', fields(200_000), '20,000 different names'],
    ['names in small objects', { filter: { $or: list(400, (at) => fields(100, at * 100)) } }, '20,000 different names'],
    ['a million values', { filter: { x: { $in: list(1_000_001, () => 1) } } }, '1,000,000 values'],
    ['300,000 fields', { filter: { x: { $in: list(300_000, (at) => ({ at })) } } }, '250,000 fields'],
    ['wide objects', { filter: { x: { $in: list(10, () => fields(19_000)) } } }, '250,000 fields'],
  ])('is refused before it is parsed: %s', async (_what, args, most) => {
    for (const id of [7, 'a "quoted" ü', -3]) {
      wire.send({ jsonrpc: '2.0', id, ...called('list_contacts', args) });
      const { id: answered, error } = await wire.next();
      expect(answered).toBe(id);
      expect(error).toMatchObject({ code: -32600, message: expect.stringContaining(`at most ${most}`) });
    }
  });

  it('is answered under its own id, wherever that stands, and under none where it has none', async () => {
    const args = { ...fields(30_000), id: 'inner', method: { id: 5 } };
    wire.send({ ...called('list_contacts', args), jsonrpc: '2.0', id: 'last' });
    expect(await wire.next()).toMatchObject({ id: 'last', error: { code: -32600 } });
    const spaced = JSON.stringify({ ...called('list_contacts', args), jsonrpc: '2.0', id: 12 }).replace(
      ':12}',
      ' : 12 }',
    );
    wire.send(spaced);
    expect(await wire.next()).toMatchObject({ id: 12, error: { code: -32600 } });
    for (const message of [{ jsonrpc: '2.0', ...called('x', args) }, { jsonrpc: '2.0', id: 4, result: args }, [args]]) {
      wire.send(message);
      expect(await wire.next()).toMatchObject({ id: null, error: { code: -32600 } });
    }
  });

  it('lets the calls behind it be answered', async () => {
    wire.send({ jsonrpc: '2.0', id: 1, ...called('list_contacts', fields(500_000)) });
    wire.send({ jsonrpc: '2.0', id: 2, ...called('list_agents', {}) });
    expect((await wire.next()).id).toBe(1);
    expect(await wire.next()).toMatchObject({ id: 2, result: { structuredContent: { total: 0 } } });
  });
});

describe('a message that is large and holds little', () => {
  it.each([
    ['text with the signs of JSON in it', { contacts: [{ id: 'a', bio: '{"a":[1,2]},\\'.repeat(600_000) }] }, 1],
    [
      '10,000 contacts',
      { contacts: list(10_000, (at) => ({ id: `c${at}`, email: `c${at}@example.com`, city: 'x' })) },
      10_000,
    ],
    ['contacts with 1,900 fields', { contacts: list(20, (at) => ({ id: `w${at}`, ...fields(1_900) })) }, 20],
  ])('passes as it is: %s', async (_what, args, created) => {
    wire.send({ jsonrpc: '2.0', id: 3, ...called('import_contacts', args) });
    expect(await wire.next()).toMatchObject({ id: 3, result: { structuredContent: { created } } });
  });

  it('keeps a text to its last letter', async () => {
    const bio = '\\"{}[]:,\u2028ü'.repeat(8_000);
    wire.send({ jsonrpc: '2.0', id: 3, ...called('import_contacts', { contacts: [{ id: 'kept', bio }] }) });
    await wire.next();
    wire.send({ jsonrpc: '2.0', id: 4, ...called('list_contacts', { filter: { bio } }) });
    expect(await wire.next()).toMatchObject({ id: 4, result: { structuredContent: { total: 1 } } });
  });
});

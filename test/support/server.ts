import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as EarlierTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as EarlierHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { ASSISTANT_VARIABLES } from '../../src/commands/assistant-shells.ts';
import { databaseEnv } from './postgres/homes.ts';

export const BUNDLE = new URL('../../dist/countersign.js', import.meta.url).pathname;

/** The kinds of client that a server meets: the SDK 1.x, and the SDK 2.x by revisions before, and by, 2026-07-28. */
export const ERAS = ['sdk-1', 'sdk-2-legacy', 'sdk-2-modern'] as const;
export type Era = (typeof ERAS)[number];

type Failure = { code: string; message: string; details?: Record<string, unknown> };
// A result is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;

export type Connection = {
  home: string;
  pid: number | undefined;
  /** Calls a tool that should succeed, and gives its structured content. */
  call: (name: string, args?: Record<string, unknown>) => Promise<Facts>;
  /** Calls a tool that should fail, and gives its error. */
  refusal: (name: string, args?: Record<string, unknown>) => Promise<Failure>;
  raw: (
    name: string,
    args?: Record<string, unknown>,
    onProgress?: (progress: { progress: number; message?: string | undefined }) => void,
    signal?: AbortSignal,
  ) => Promise<Facts>;
  /** An action's address and more arguments, with the digest that get_run shows for the action now. */
  shown: (args: Record<string, unknown>) => Promise<Record<string, unknown>>;
  /** One `tools/call` as it goes over the wire by 2026-07-28. `round` is what the client adds, such as form answers. */
  exchange: (name: string, args: Record<string, unknown>, round: Record<string, unknown>) => Promise<Facts>;
  tools: () => Promise<Facts[]>;
  /** What stands in a resource: its JSON, or the whole content where it is no JSON. */
  resource: (uri: string) => Promise<Facts>;
  resources: () => Promise<{ listed: Facts[]; templates: string[] }>;
  /** The completions of a typed text, for a resource template (by URI) or a prompt (by name). */
  complete: (ref: string, name: string, value: string, given?: Record<string, string>) => Promise<Facts>;
  prompts: () => Promise<Facts[]>;
  /** The text of a prompt. */
  prompt: (name: string, args?: Record<string, string>) => Promise<string>;
  capabilities: () => Facts;
  /** Subscribes to resources as a client of this era does. `updates` gets the URI of each notification. */
  subscribe: (...uris: string[]) => Promise<{ updates: string[]; stop: () => Promise<void> }>;
  instructions: () => string | undefined;
  close: () => Promise<void>;
};

export function temporaryHome(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-e2e-'));
}

/** What a server told its client; fails where it names the variable that weakens what a yes must be. */
function told<T>(facts: T): T {
  if (JSON.stringify(facts ?? null).includes('COUNTERSIGN_MIN_PROOF'))
    throw new Error(`a result tells the model how to weaken the rule: ${JSON.stringify(facts)}`);
  return facts;
}

/** Answers a form in the person's place: gets its message and schema, and gives the client's answer. */
export type OnForm = (form: { message: string; requestedSchema: Facts }) => Facts | Promise<Facts>;

export type StartOptions = {
  home?: string;
  era?: Era;
  env?: Record<string, string>;
  cwd?: string;
  /** The program, where it isn't this build, and its arguments. */
  program?: string;
  args?: string[];
  /** Answers forms. Without it, the client says that it can't show any. */
  onForm?: OnForm;
  /** The name that the client says it has. */
  client?: string;
  /** A server over HTTP to connect to. Without it one is started over stdio. */
  over?: { url: string; token: string };
};

/** By these a program knows whether somebody sits at a desktop. A test that opens the desk says so itself. */
const SEATS = ['BROWSER', 'DISPLAY', 'WAYLAND_DISPLAY', 'SSH_CONNECTION', 'SSH_TTY', 'SSH_CLIENT'];

/**
 * This environment without what is ours, without what marks the shell of an assistant, which may run the tests, and at no
 * desktop: no test opens the browser of whoever runs it. In the lane of PostgreSQL it names the home's database.
 */
export function baseEnv(home: string, extra: Record<string, string> = {}): Record<string, string> {
  const isLeftOut = (name: string) =>
    name.startsWith('COUNTERSIGN_') || ASSISTANT_VARIABLES.includes(name) || SEATS.includes(name);
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || isLeftOut(name) ? [] : [[name, value] as const],
  );
  const env = { ...Object.fromEntries(kept), CI: '1', COUNTERSIGN_HOME: home, ...extra };
  return { ...databaseEnv(env.COUNTERSIGN_HOME), ...env };
}

type Started = { command: string; args: string[]; env: Record<string, string>; cwd?: string };

/** How a client gets to its server: a child process, or a URL. */
function transportOf(era: Era, { over }: StartOptions, started: Started) {
  if (over === undefined)
    return new (era === 'sdk-1' ? EarlierTransport : StdioClientTransport)({ ...started, stderr: 'pipe' });
  const requestInit = { headers: { authorization: `Bearer ${over.token}` } };
  const url = new URL('/mcp', over.url);
  return new (era === 'sdk-1' ? EarlierHttpTransport : StreamableHTTPClientTransport)(url, { requestInit });
}

async function connected(era: Era, options: StartOptions, started: Started) {
  const { onForm, client: name } = options;
  const transport = transportOf(era, options, started);
  if (transport instanceof EarlierTransport || transport instanceof EarlierHttpTransport) {
    const client = new EarlierClient(
      { name: name ?? 'test-sdk-1', version: '1.2.3' },
      onForm ? { capabilities: { elicitation: {} } } : {},
    );
    if (onForm) client.setRequestHandler(ElicitRequestSchema, async ({ params }) => onForm(formOf(params)));
    await client.connect(transport);
    return { client, transport };
  }
  const mode = era === 'sdk-2-modern' ? { pin: '2026-07-28' } : ('legacy' as const);
  const capabilities = onForm ? { elicitation: { form: {} } } : {};
  const client = new Client(
    { name: name ?? 'test-sdk-2', version: '1.2.3' },
    { versionNegotiation: { mode }, capabilities },
  );
  if (onForm) client.setRequestHandler('elicitation/create', async ({ params }) => onForm(formOf(params)));
  await client.connect(transport);
  return { client, transport };
}

function formOf(params: { message: string; requestedSchema?: unknown }): { message: string; requestedSchema: Facts } {
  return { message: params.message, requestedSchema: params.requestedSchema };
}

/** The built server as a child process, or one over HTTP, and a client of one era connected to it. */
export async function startServer(options: StartOptions = {}): Promise<Connection> {
  const { home = temporaryHome(), era = 'sdk-1', env, cwd, program = BUNDLE, args = [] } = options;
  const started = {
    command: process.execPath,
    args: [program, ...args],
    env: baseEnv(home, env),
    ...(cwd ? { cwd } : {}),
  };
  const { client, transport } = await connected(era, options, started);

  async function raw(
    name: string,
    args: Record<string, unknown> = {},
    onprogress?: (progress: { progress: number; message?: string | undefined }) => void,
    signal?: AbortSignal,
  ): Promise<Facts> {
    const options = { timeout: 60_000, ...(onprogress ? { onprogress } : {}), ...(signal ? { signal } : {}) };
    if (client instanceof EarlierClient)
      return told(await client.callTool({ name, arguments: args }, undefined, options));
    return told(await client.callTool({ name, arguments: args }, options));
  }

  return {
    home,
    pid: 'pid' in transport ? (transport.pid ?? undefined) : undefined,
    raw,
    async call(name, args) {
      const result = await raw(name, args);
      if (result.isError) throw new Error(`${name} was refused: ${result.content[0].text}`);
      return result.structuredContent;
    },
    async refusal(name, args) {
      const result = await raw(name, args);
      if (!result.isError)
        throw new Error(`${name} should have been refused, but gave ${JSON.stringify(result.structuredContent)}`);
      return JSON.parse(result.content[0].text).error;
    },
    async shown(args) {
      const { run_id, contact_id, action_index } = args;
      const result = await raw('get_run', { run_id, contact_id });
      const [found] = result.structuredContent?.run.contact_results ?? [];
      const digest = found?.proposed_actions[Number(action_index)]?.digest;
      return { ...args, expected_digest: digest ?? 'of no action' };
    },
    async exchange(name, args, round) {
      if (!(client instanceof Client)) throw new Error('exchange needs a 2.x client');
      const params = { name, arguments: args, ...round };
      return told(await client.request({ method: 'tools/call', params }, { allowInputRequired: true }));
    },
    tools: async () => told((await client.listTools()).tools),
    async resource(uri) {
      const { contents } = told(await client.readResource({ uri }));
      const [content] = contents;
      if (content?.mimeType !== 'application/json') return content;
      return JSON.parse(content && 'text' in content ? String(content.text) : 'null');
    },
    async resources() {
      const { resourceTemplates } = await client.listResourceTemplates();
      const templates = resourceTemplates.map((template) => template.uriTemplate);
      return { listed: (await client.listResources()).resources, templates };
    },
    async complete(ref, name, value, given) {
      const params = {
        ref: ref.includes('://')
          ? { type: 'ref/resource' as const, uri: ref }
          : { type: 'ref/prompt' as const, name: ref },
        argument: { name, value },
        ...(given ? { context: { arguments: given } } : {}),
      };
      return (await client.complete(params)).completion;
    },
    prompts: async () => told((await client.listPrompts()).prompts),
    async prompt(name, args = {}) {
      const { messages } = told(await client.getPrompt({ name, arguments: args }));
      return messages.map(({ content }) => (content.type === 'text' ? content.text : '')).join('');
    },
    async subscribe(...uris) {
      const updates: string[] = [];
      if (client instanceof EarlierClient)
        client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updates.push(params.uri));
      else
        client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updates.push(params.uri));
      if (era === 'sdk-2-modern' && client instanceof Client) {
        const listening = await client.listen({ resourceSubscriptions: uris });
        return { updates, stop: () => listening.close() };
      }
      for (const uri of uris) await client.subscribeResource({ uri });
      const stop = async () => {
        for (const uri of uris) await client.unsubscribeResource({ uri });
      };
      return { updates, stop };
    },
    capabilities: () => client.getServerCapabilities(),
    instructions: () => told(client.getInstructions()),
    async close() {
      // Without this, a session of an older revision would stay until it is idle for long.
      if ('terminateSession' in transport) await transport.terminateSession();
      await client.close();
    },
  };
}

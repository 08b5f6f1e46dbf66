import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { PLAIN_TOOLS, PROMPTS, RESOURCES, SCHEMA_TOOLS } from './content.ts';
import { ASKING_TOOLS, PROMPT_QUESTIONS, type Questions } from './questions.ts';

const KEY = 'a key of tests, as long as it has to be';
const codec = createRequestStateCodec<{ round: number }>({ key: KEY, ttlSeconds: 60 });
const ANY = fromJsonSchema({ type: 'object' });
const DESCRIPTION = 'A fixture of the conformance suite';
const TOOL = { description: DESCRIPTION, inputSchema: ANY };

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

/** What a request that names its own capabilities says of them (2026-07-28). */
function declared(ctx: ServerContext): Record<string, unknown> {
  const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope };
  return { ...z.record(z.string(), z.unknown()).optional().parse(envelope[CLIENT_CAPABILITIES_META_KEY]) };
}

/** Asks for the first round that has no answer yet; undefined where all have one. */
async function ask(questions: Questions, ctx: ServerContext): Promise<InputRequiredResult | undefined> {
  const { rounds, state, onlyWhatIsDeclared } = questions;
  const given = ctx.mcpReq.inputResponses;
  const at = state ? (ctx.mcpReq.requestState<{ round: number }>()?.round ?? 0) : 0;
  const names = Object.keys(rounds[at] ?? {});
  const isAnswered = names.every((name) => inputResponse(given, name).kind !== 'missing');
  const next = isAnswered ? at + 1 : at;
  if (next >= rounds.length) return undefined;
  const capabilities = declared(ctx);
  const wanted = Object.entries(rounds[next] ?? {}).filter(
    ([, { method }]) => !onlyWhatIsDeclared || (method.split('/')[0] ?? '') in capabilities,
  );
  const inputRequests = Object.fromEntries(wanted);
  return inputRequired(
    state ? { inputRequests, requestState: await codec.mint({ round: next }, ctx) } : { inputRequests },
  );
}

function registerAsking(server: McpServer): void {
  for (const [name, questions] of Object.entries(ASKING_TOOLS))
    server.registerTool(name, TOOL, async (_args, ctx) => {
      const asked = await ask(questions, ctx);
      return asked ?? said('Every question was answered.');
    });
  server.registerPrompt('test_input_required_result_prompt', { description: DESCRIPTION }, async (ctx) => {
    const asked = await ask(PROMPT_QUESTIONS, ctx);
    return asked ?? { messages: [{ role: 'user', content: { type: 'text', text: 'Thank you.' } }] };
  });
}

/** Tools that tell something while they run, and tools that fail. */
function registerTelling(server: McpServer): void {
  const tell = async (ctx: ServerContext, steps: readonly number[]) => {
    const progressToken = ctx.mcpReq._meta?.progressToken ?? 0;
    for (const progress of steps)
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
  };
  server.registerTool('test_tool_with_progress', TOOL, async (_args, ctx) => {
    await tell(ctx, [0, 50, 100]);
    return said('Progress was told.');
  });
  server.registerTool('test_streaming_elicitation', TOOL, async (_args, ctx) => {
    await tell(ctx, [50]);
    return said('Streaming complete');
  });
  for (const name of ['test_tool_with_logging', 'test_logging_tool'])
    server.registerTool(name, TOOL, async (_args, ctx) => {
      for (const step of ['started', 'processing data', 'completed']) await ctx.mcpReq.log('info', `Tool ${step}`);
      return said('Logging evaluated');
    });
  server.registerTool('test_error_handling', TOOL, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
}

function registerContent(server: McpServer): void {
  for (const [name, content] of Object.entries(PLAIN_TOOLS)) server.registerTool(name, TOOL, async () => ({ content }));
  for (const [name, schema] of Object.entries(SCHEMA_TOOLS))
    server.registerTool(name, { ...TOOL, inputSchema: fromJsonSchema(schema) }, async () =>
      said('The arguments were taken.'),
    );
  for (const [uri, read] of Object.entries(RESOURCES)) {
    if (uri.includes('{')) {
      const template = new ResourceTemplate(uri, { list: undefined });
      server.registerResource(uri, template, {}, async (asked, found) => ({ contents: [read(asked.href, found)] }));
    } else server.registerResource(uri, uri, {}, async () => ({ contents: [read(uri, {})] }));
  }
  for (const [name, { args, write }] of Object.entries(PROMPTS)) {
    const argsSchema = z.object(Object.fromEntries(args.map((arg) => [arg, z.string()])));
    const messages = (given: Record<string, string>) =>
      write(given).map((content) => ({ role: 'user' as const, content }));
    if (args.length === 0)
      server.registerPrompt(name, { description: DESCRIPTION }, async () => ({ messages: messages({}) }));
    else
      server.registerPrompt(name, { description: DESCRIPTION, argsSchema }, async (given) => ({
        messages: messages(given),
      }));
  }
}

/** A server with all that the scenarios of the official suite call by name, and nothing of ours. */
export function createFixtureServer(): McpServer {
  const still = { listChanged: false };
  const server = new McpServer(
    { name: 'conformance-fixtures', version: '1.0.0' },
    {
      capabilities: {
        ...{ tools: still, prompts: still, resources: { ...still, subscribe: true } },
        ...{ logging: {}, completions: {} },
      },
      requestState: { verify: codec.verify },
    },
  );
  registerContent(server);
  registerTelling(server);
  registerAsking(server);
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  server.server.setRequestHandler('completion/complete', () => ({ completion: { values: [], total: 0 } }));
  return server;
}

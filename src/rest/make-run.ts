import { z } from 'zod';
import { AppError, invalid } from '../domain/base/errors.ts';
import { idFrom, isUuid, uuidOf } from '../domain/dialects/mapping/uuid.ts';
import { type ChatArgs, type ChatResult, type ChatWatch, chat } from '../engine/chat/chat.ts';
import type { HttpRefusal } from '../http/answers.ts';
import type { Streams } from '../http/streams.ts';
import { publicError } from '../mcp/result.ts';
import { restRefusal, toldInWords } from './base/refusals.ts';
import { type RestAsked, type Route, taking } from './base/route.ts';
import { agentIdFrom, makeErrorBody, teamQuery } from './make-shapes.ts';

const MOST_MESSAGES = 200;
const MOST_CHARACTERS = 1_000_000;

const runBody = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(
          ['user', 'assistant'],
          'is user or assistant: what the agent is told of itself is its systemPrompt, and nothing else',
        ),
        content: z.string().min(1).max(100_000),
      }),
    )
    .min(1)
    .max(MOST_MESSAGES),
  threadId: z.string().min(1).exactOptional(),
  callbackUrl: z.string().max(2000).exactOptional(),
});
type RunAsked = RestAsked<z.infer<typeof teamQuery>, z.infer<typeof runBody>>;

function runAnswer() {
  return z.strictObject({
    response: z.string(),
    executionTimeMs: z.int(),
    threadId: z.uuid(),
    lastAgentIterationId: z.uuid(),
  });
}

/** The result of a run as Make documents it: as the answer, and for the callback. */
function ranAs({
  response,
  execution_time_ms,
  thread_id,
  iteration_id,
}: ChatResult): z.infer<ReturnType<typeof runAnswer>> {
  return {
    response,
    executionTimeMs: execution_time_ms,
    threadId: uuidOf(thread_id),
    lastAgentIterationId: uuidOf(iteration_id),
  };
}

/** A text of the engine's, with the names that the body has for the fields. */
function inMakeWords(text: string): string {
  return text.replace(/(?<![.\w])(callback_url|thread_id)/g, (name) =>
    name === 'thread_id' ? 'threadId' : 'callbackUrl',
  );
}

const TOO_MANY: HttpRefusal = {
  status: 429,
  code: 'TOO_MANY_REQUESTS',
  message: 'This token has 64 streams open, which is the most. Close one first.',
};

/** The thread that a UUID stands for: one of ours, one that has this id, or one that begins with it. */
function threadOf(threadId: string | undefined): string | undefined {
  if (threadId === undefined) return undefined;
  if (!isUuid(threadId))
    throw invalid(
      'threadId has to be a UUID: one that an earlier run gave, or a new one, which begins a conversation.',
      {
        threadId: 'no UUID',
      },
    );
  return idFrom(threadId, 'th') ?? threadId;
}

function chatArgs({ params, body }: RunAsked): ChatArgs {
  const { messages, threadId, callbackUrl } = body;
  const last = messages.at(-1);
  if (last?.role !== 'user')
    throw invalid('The last of messages has to be what the person says now, with the role user.', {
      [`messages[${messages.length - 1}].role`]: 'is not user',
    });
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (characters > MOST_CHARACTERS)
    throw new AppError(
      'LIMIT_EXCEEDED',
      `The messages have ${characters} characters together, and may have ${MOST_CHARACTERS}.`,
    );
  return {
    agent_id: agentIdFrom(params),
    message: last.content,
    earlier: messages.slice(0, -1),
    thread_id: threadOf(threadId),
    callback_url: callbackUrl,
    callbackBody: ranAs,
  };
}

/** One run: a chat, its errors in Make's words. */
async function run({ house, by }: RunAsked, args: ChatArgs, watch: ChatWatch): Promise<ChatResult> {
  try {
    return await chat(house, by, args, watch);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const details = Object.entries(error.details ?? {}).map(([path, told]) => [inMakeWords(path), told]);
    throw new AppError(error.code, inMakeWords(error.message), Object.fromEntries(details));
  }
}

/** One frame of a stream of events. Make writes no space after the colon. */
function frame(event: string, id: string | undefined, data: unknown): Uint8Array {
  const named = id === undefined ? '' : `id:${id}\n`;
  return new TextEncoder().encode(`event:${event}\n${named}data:${JSON.stringify(data)}\n\n`);
}

type Frames = {
  take: (event: string, id: string | undefined, data: unknown) => void;
  end: () => void;
  body: ReadableStream<Uint8Array>;
};

/** The frames of a stream; `gone` is called once nobody reads them any more. */
function frames(gone: () => void): Frames {
  let open: ReadableStreamDefaultController<Uint8Array> | undefined;
  const close = () => {
    const controller = open;
    open = undefined;
    return controller;
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      open = controller;
    },
    cancel() {
      close();
      gone();
    },
  });
  return {
    body,
    take: (event, id, data) => open?.enqueue(frame(event, id, data)),
    end: () => close()?.close(),
  };
}

/** Begins a run and gives its frames as they come. What keeps it from beginning is thrown: it has a status of its own. */
async function streamed(asked: RunAsked): Promise<{ body: ReadableStream<Uint8Array> }> {
  const stop = new AbortController();
  const { take, end, body } = frames(() => stop.abort());
  const args = chatArgs(asked);
  const signal = AbortSignal.any([asked.signal, stop.signal]);
  const step = (role: string, content: string, id: string, iteration: string) =>
    take('step', uuidOf(id), { role, content, id: uuidOf(id), agentIterationId: uuidOf(iteration) });
  const said: ChatWatch['onMessage'] = ({ role, content, id, agent_iteration_id }) =>
    step(role, content, id, agent_iteration_id);
  await new Promise<void>((begun, failed) => {
    let hasBegun = false;
    const onSystem: ChatWatch['onSystem'] = ({ content, agent_iteration_id }) => {
      step('system', content, asked.house.deps.newId('msg'), agent_iteration_id);
      hasBegun = true;
      begun();
    };
    run(asked, args, { signal, onMessage: said, onSystem, onReply: said })
      .catch((error: unknown) => {
        if (!hasBegun) return failed(error);
        const refusal: HttpRefusal = restRefusal(toldInWords(publicError(error, asked.house.deps), asked.inWords));
        take('error', undefined, makeErrorBody(refusal));
      })
      .finally(end);
  });
  return { body };
}

/** Make's endpoints that run an agent: one that answers in the end, and one that streams each message. */
export function makeRunRoutes(streams: Streams): Route[] {
  const told = { method: 'POST' as const, scope: 'agents:trigger' as const, query: teamQuery, body: runBody };
  return [
    taking({
      ...told,
      path: '/agents/:agentId/run',
      summary: 'Run an agent',
      tool: 'chat_with_agent',
      answers: { 200: runAnswer },
      async handle(asked) {
        const watch = { signal: asked.signal, onMessage: () => undefined };
        return { status: 200, body: ranAs(await run(asked, chatArgs(asked), watch)) };
      },
    }),
    taking({
      ...told,
      path: '/agents/:agentId/run/stream',
      summary: 'Run an agent, and stream each message as a server-sent event',
      answers: { 200: () => z.string() },
      answerType: 'text/event-stream',
      async handle(asked) {
        const leave = streams.enter(asked.caller);
        if (leave === undefined)
          return { status: TOO_MANY.status, body: makeErrorBody(TOO_MANY), headers: { 'retry-after': '5' } };
        const { body } = await streamed(asked).catch((error: unknown) => {
          leave();
          throw error;
        });
        const headers = {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        };
        return streams.follow(new Response(body, { headers }), { caller: asked.caller, listens: false }, leave);
      },
    }),
  ];
}

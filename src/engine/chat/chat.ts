import type { LanguageModelV3Prompt } from '@ai-sdk/provider';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { modelAccess, modelProvider } from '../../domain/agents/model-access.ts';
import type { ThreadMessage } from '../../domain/agents/thread.ts';
import type { Author } from '../../domain/base/author.ts';
import { conflict, invalid } from '../../domain/base/errors.ts';
import type { Usage } from '../../domain/base/usage.ts';
import type { View } from '../../domain/state/view.ts';
import type { Bill, ChatStep } from '../../evaluators/conversation.ts';
import { MODEL_PROVIDERS } from '../../providers/index.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { demandReleased } from '../gate/brake.ts';
import { sightOf } from '../gate/sight.ts';
import { keyTerms, purseOf } from '../money/means.ts';
import { demandProvider } from '../money/model-check.ts';
import { countPaid } from '../money/paid.ts';
import { callbackOf, startCallback } from './callback.ts';
import { chatFunctions, ownContact, proposeOnSubject } from './functions.ts';
import { type BroughtMessage, type Opening, threadMessageOf, writeMessages } from './messages.ts';
import { chatPrompt } from './prompt.ts';
import { understandReply } from './reply.ts';
import { threadFor } from './threads.ts';

export type ChatArgs = {
  agent_id: string;
  message: string;
  /** What was said before the message and is in no thread yet. */
  earlier?: readonly BroughtMessage[] | undefined;
  thread_id?: string | undefined;
  callback_url?: string | undefined;
  /** What a callback is told of the result, where it isn't the result itself. */
  callbackBody?: (result: ChatResult) => unknown;
  /** The message, where it was spoken and is in the thread already, and what it cost to write it down, in USD. */
  /** The service that listens answers too, so that no model of the agent is asked. */
  isRealtime?: boolean;
  heard?: { message: ThreadMessage; cost: number };
};

export type ChatResult = {
  response: string;
  output?: unknown;
  thread_id: string;
  iteration_id: string;
  execution_time_ms: number;
  usage?: Usage;
};

/** Called with each message of a chat as soon as it is there; but with a reply only once another message follows it. */
export type OnMessage = (message: Pick<ThreadMessage, 'role' | 'content' | 'id' | 'agent_iteration_id'>) => void;

/** How a chat is followed and stopped. */
export type ChatWatch = {
  signal: AbortSignal;
  onMessage: OnMessage;
  /** Called with what the model is told of itself, once nothing keeps the chat from beginning. */
  onSystem?: (system: { content: string; agent_iteration_id: string }) => void;
  /** Called with the reply, once it is kept. */
  onReply?: OnMessage;
};

/** The contact that a message names by address or id. An id of digits alone doesn't count: it may be any number. */
function namedIn(view: View, agent: Agent, message: string): string | undefined {
  for (const word of message.split(/[\s,;:!?<>()"'`]+/)) {
    const text = word.replace(/[.]+$/, '');
    const id = /\D/.test(text) && view.contact(text) ? text : view.contactAt(text)?.id;
    if (id === undefined) continue;
    try {
      return ownContact(view, agent, id).id;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function demandChat(agent: Agent, needsModel: boolean): void {
  const provider = effectiveProvider(agent);
  if (needsModel && !modelProvider(agent))
    throw invalid(
      `Agent "${agent.name}" has the provider "${provider}", which doesn't chat. Set llm_config.provider with update_agent to one that does: ${MODEL_PROVIDERS.map(({ name }) => name).join(', ')}.`,
      { 'llm_config.provider': provider },
    );
  if (agent.status === 'archived')
    throw conflict(
      `Agent "${agent.name}" is archived, so it doesn't chat. Revive it with update_agent {"changes": {"enabled": true}}.`,
      { status: agent.status },
    );
}

/** Looks up agent, thread and contact of a chat, and refuses here what can't go on, before a model is asked. */
export function beginChat(house: House, args: ChatArgs): Promise<Opening> {
  return house.read((view, moment) => {
    const agent = findAgent(view, args.agent_id);
    demandReleased(view, 'No agent chats');
    demandChat(agent, !args.isRealtime);
    if (!args.isRealtime) demandProvider(view, moment, agent);
    const named = namedIn(view, agent, args.message);
    const subjectOf = (id: string | undefined) => ({
      ...(id === undefined ? {} : { contact_id: id }),
      told: new Set(id === undefined ? [] : [id]),
      sight: id === undefined ? undefined : sightOf(view, { agent, contactId: id }, moment.now),
    });
    const chosen = threadFor(view, agent, args.thread_id, moment.now);
    const history = chosen.thread ? view.messages(chosen.thread.thread_id) : [];
    return { agent, ...chosen, history, subject: subjectOf(chosen.thread?.contact_id ?? named) };
  });
}

/** Tells messages as they come, but a reply only once another message follows: the last one is the call's own answer. */
function tellerOf(onMessage: OnMessage): (message: ThreadMessage) => void {
  let held: ThreadMessage[] = [];
  return (message) => {
    const due = [...held, message];
    held = message.role === 'assistant' && message.calls === undefined ? due.splice(-1) : [];
    for (const { role, content, id, agent_iteration_id } of due) onMessage({ role, content, id, agent_iteration_id });
  };
}

/** Talks with an agent: a message of the person, the functions that the agent calls, and the agent's reply. */
export async function chat(house: House, by: Author, args: ChatArgs, watch: ChatWatch): Promise<ChatResult> {
  const { result, opening, callback } = await talk(house, by, args, watch);
  const body = args.callbackBody?.(result) ?? result;
  const { iteration_id } = result;
  if (callback !== undefined) await startCallback(house, opening.agent, callback, { iteration_id, body });
  return result;
}

/** A chat up to its result, of which no callback is told yet. */
export async function talk(
  house: House,
  by: Author,
  args: ChatArgs,
  { signal, onMessage, onSystem, onReply }: ChatWatch,
): Promise<{ result: ChatResult; opening: Opening; callback: string | undefined }> {
  const { deps } = house;
  const began = deps.now().getTime();
  const opening = await beginChat(house, args);
  const { agent } = opening;
  const callback = callbackOf(agent, args.callback_url, deps.env);
  const { heard } = args;
  const iteration_id = heard?.message.agent_iteration_id ?? deps.newId('it');
  const messages: ThreadMessage[] = [];
  const tell = tellerOf(onMessage);
  const say = (message: ThreadMessage) => {
    messages.push(message);
    tell(message);
  };
  const earlier = (args.earlier ?? []).map((item) => threadMessageOf(house, iteration_id, item));
  const before = opening.history.filter(({ id }) => id !== heard?.message.id);
  const prompted = { ...opening, history: [...before, ...earlier], isSpoken: heard !== undefined };
  const prompt = chatPrompt(prompted, args.message, deps.now());
  onSystem?.({ content: systemOf(prompt), agent_iteration_id: iteration_id });
  earlier.forEach(say);
  if (heard) tell(heard.message);
  else say(threadMessageOf(house, iteration_id, { role: 'user', content: args.message }));
  const onStep = (step: ChatStep) => say(threadMessageOf(house, iteration_id, step));
  const asked = { prompt, onStep, signal, spent: heard?.cost ?? 0, messages };
  const { reply, usage, thread_id } = await answered(house, by, opening, asked);
  const result: ChatResult = {
    response: reply.response,
    ...('output' in reply ? { output: reply.output } : {}),
    thread_id,
    iteration_id,
    execution_time_ms: deps.now().getTime() - began,
    ...(usage ? { usage } : {}),
  };
  const last = messages.at(-1);
  if (last) onReply?.({ role: last.role, content: reply.response, id: last.id, agent_iteration_id: iteration_id });
  return { result, opening, callback };
}

function systemOf(prompt: LanguageModelV3Prompt): string {
  const [first] = prompt;
  return first?.role === 'system' ? first.content : '';
}

type Asked = { prompt: LanguageModelV3Prompt; onStep: (step: ChatStep) => void; signal: AbortSignal; spent: number };

/** Gets the reply and keeps it. What the model took counts in the caps also where that fails. */
async function answered(
  house: House,
  by: Author,
  opening: Opening,
  { messages, ...asked }: Asked & { messages: ThreadMessage[] },
) {
  const bill: Bill = {};
  try {
    const reply = await answer(house, by, opening, { ...asked, bill });
    const { contact_id } = opening.subject;
    if (reply.proposal && contact_id !== undefined) await proposeOnSubject(house, by, opening, reply.proposal);
    const { usage } = bill;
    return { reply, usage, thread_id: await writeMessages(house, by, opening, { messages, usage }) };
  } catch (error) {
    await countPaid(house, by, { agent_id: opening.agent.id, usage: bill.usage });
    throw error;
  }
}

/** Asks the agent's model for the reply. Each step, such as a function call, is told to `onStep`. */
async function answer(house: House, by: Author, opening: Opening, { spent, ...asked }: Asked & { bill: Bill }) {
  const { agent, subject } = opening;
  const provider = modelProvider(agent);
  const keys = await house.read((view) => keyTerms(view, house.deps, agent));
  const access = provider ? modelAccess(agent, provider, keys) : undefined;
  if (!access || 'problem' in access) throw invalid('This agent has no model to chat with.');
  const functions = await chatFunctions(house, by, opening);
  const means = { deps: house.deps, keys, purse: await purseOf(house, agent, spent) };
  const { converse } = await import('../../evaluators/conversation.ts');
  const understand = await understandReply(house.deps, agent, subject);
  const { value } = await converse({ agent, access, means, functions, ...asked }, understand);
  return value;
}

import type { Thread, ThreadMessage } from '../../domain/agents/thread.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { Usage } from '../../domain/base/usage.ts';
import type { ChatStep } from '../../evaluators/conversation.ts';
import type { House } from '../base/house.ts';
import { demandContact } from '../base/lookup.ts';
import type { Conversation } from './functions.ts';
import { newThreadIds, type ThreadChoice, threadFor, threadIdFor } from './threads.ts';

/** A message that a client brings along from a conversation held elsewhere. */
export type BroughtMessage = { role: 'user' | 'assistant'; content: string };

/** A conversation as a new message finds it; `thread` is missing where the message begins one. */
export type Opening = Conversation & ThreadChoice & { history: readonly ThreadMessage[] };

export function threadMessageOf(house: House, iteration: string, step: ChatStep | BroughtMessage): ThreadMessage {
  const base = { id: house.deps.newId('msg'), agent_iteration_id: iteration, at: house.deps.now().toISOString() };
  if ('content' in step) return { ...step, ...base };
  if (step.role === 'tool')
    return { role: 'tool', content: step.text, ...base, call: { id: step.call.id, name: step.call.name } };
  const { text, calls } = step;
  const content = text !== '' || calls.length === 0 ? text : calls.map(({ name }) => `calls ${name}`).join(', ');
  return { role: 'assistant', content, ...base, ...(calls.length > 0 ? { calls } : {}) };
}

function idsOf({ thread_id, named }: Thread): Pick<Thread, 'thread_id' | 'named'> {
  return { thread_id, ...(named === undefined ? {} : { named }) };
}

/** Writes the messages of one chat call. CONFLICT where the thread was ended, or a contact deleted, meanwhile. */
export function writeMessages(
  house: House,
  by: Author,
  opening: Opening,
  { messages, usage }: { messages: ThreadMessage[]; usage: Usage | undefined },
): Promise<string> {
  const { agent, thread, begins, subject } = opening;
  return house.commit(by, (view, { now, at, newId }) => {
    // Another call may have begun the same thread meanwhile, or ended it.
    const { thread: current } = threadFor(view, agent, thread?.thread_id ?? begins, now);
    for (const id of subject.told) demandContact(view, id);
    const about = current?.contact_id ?? subject.contact_id;
    const kept: Thread = {
      ...(current ? idsOf(current) : newThreadIds(view, begins, newId)),
      agent_id: agent.id,
      ...(about === undefined ? {} : { contact_id: about }),
      status: 'open',
      messages: 0,
      created_by: current?.created_by ?? nameOf(by),
      created_at: current?.created_at ?? at,
      updated_at: at,
    };
    const spent = usage ? { usage } : {};
    return { events: [{ type: 'thread_talked', thread: kept, messages, ...spent }], value: threadIdFor(view, kept) };
  });
}

import { type Thread, type ThreadMessage, threadNow } from '../../domain/agents/thread.ts';
import type { Author } from '../../domain/base/author.ts';
import { conflict, notFound } from '../../domain/base/errors.ts';
import type { Page } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent, suggestionOf } from '../base/lookup.ts';
import { type PageOf, pageOf, shownPage } from '../base/paging.ts';
import type { MessageAsShown, ThreadAsShown, ThreadReading } from '../base/shown/thread.ts';

export function findThread(view: View, id: string, now: Date): Thread {
  const thread = view.thread(id);
  if (thread) return threadNow(thread, now);
  const near = suggestionOf(view, 'threads', id);
  throw notFound(`No thread has the id "${id}".${near} list_threads shows all; chat_with_agent starts one.`);
}

/** Refuses to go on with a thread that was ended: CONFLICT. */
export function demandOpen(thread: Thread): void {
  if (thread.status === 'open') return;
  throw conflict(
    `Thread ${thread.thread_id} is ${thread.status}, so it takes no more messages. Leave thread_id out of chat_with_agent to start a new one; get_thread reads this one.`,
    { status: thread.status, updated_at: thread.updated_at },
  );
}

export function listThreads(house: House, agentId: string | undefined, page: Page): Promise<PageOf<ThreadAsShown>> {
  return house.read((view, { now }) => {
    // The threads of a deleted agent stay: its id finds them, although there is no such agent any more.
    const isId = agentId === undefined || view.find.threads({ agent_id: agentId }, { limit: 0, offset: 0 }).total > 0;
    const agent_id = isId ? agentId : findAgent(view, agentId).id;
    return shownPage(view.find.threads({ agent_id }, page), page, (thread) => threadNow(thread, now));
  });
}

function shownMessage({ calls: _calls, call: _call, ...shown }: ThreadMessage): MessageAsShown {
  return shown;
}

/** A thread with its messages, oldest first; of a long thread, the newest messages that fit. */
export function getThread(
  house: House,
  id: string,
): Promise<{ thread: ThreadReading; total: number; truncated?: 'size' }> {
  return house.read((view, { now }) => {
    const { messages: total, ...thread } = findThread(view, id, now);
    const newestFirst = [...view.messages(id)].reverse();
    const { rows, truncated } = pageOf(newestFirst, { limit: newestFirst.length, offset: 0 }, shownMessage);
    const messages = rows.reverse();
    return { thread: { ...thread, messages }, total, ...(truncated ? { truncated } : {}) };
  });
}

/** Ends a conversation. Ending it in the same way again changes nothing. */
export async function endThread(
  house: House,
  by: Author,
  args: { thread_id: string; outcome: 'completed' | 'abandoned'; task_completed?: boolean | undefined },
): Promise<ThreadAsShown> {
  const { thread_id, outcome, task_completed } = args;
  await house.commit(by, (view, { now, at }) => {
    const thread = findThread(view, thread_id, now);
    const isSaid = task_completed === undefined || task_completed === thread.task_completed;
    if (thread.status === outcome && isSaid) return { events: [], value: undefined };
    if (thread.status === 'completed') demandOpen(thread);
    const said = task_completed === undefined ? {} : { task_completed };
    return { events: [{ type: 'thread_ended', thread_id, outcome, ...said, at }], value: undefined };
  });
  return house.read((view, { now }) => findThread(view, thread_id, now));
}

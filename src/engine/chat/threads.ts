import type { Agent } from '../../domain/agents/agent.ts';
import { shownThreadId, type Thread, type ThreadMessage, threadNow } from '../../domain/agents/thread.ts';
import type { Author } from '../../domain/base/author.ts';
import { conflict, invalid, notFound } from '../../domain/base/errors.ts';
import type { Page } from '../../domain/state/queries.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent, suggestionOf } from '../base/lookup.ts';
import { type PageOf, pageOf, shownPage } from '../base/paging.ts';
import type { MessageAsShown, ThreadAsShown, ThreadReading } from '../base/shown/thread.ts';

/** Any version of UUID, as RFC 9562 writes them. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A thread's id as it is kept: a UUID means the same in any case (RFC 9562, 4), and file names may not tell case apart. */
function keptId(id: string): string {
  return UUID.test(id) ? id.toLowerCase() : id;
}

/** The thread with an id, or that its client began by it. */
function threadNamed(view: View, id: string): Thread | undefined {
  const kept = keptId(id);
  return view.thread(kept) ?? view.find.threads({ named: kept }, { limit: 1, offset: 0 }).rows[0];
}

function findThread(view: View, id: string, now: Date): Thread {
  const thread = threadNamed(view, id);
  if (thread) return threadNow(thread, now);
  const near = suggestionOf(view, 'threads', id);
  throw notFound(`No thread has the id "${id}".${near} list_threads shows all; chat_with_agent starts one.`);
}

/** The id of a thread as a caller is shown it. */
export function threadIdFor(view: View, thread: Thread): string {
  return shownThreadId(thread, (id) => view.thread(id) !== undefined);
}

function shownThread(view: View, thread: Thread, now: Date): ThreadAsShown {
  const { named: _named, ...shown } = threadNow(thread, now);
  return { ...shown, thread_id: threadIdFor(view, thread) };
}

/** Where a message of a chat goes: a thread that is there, or the id of one that it begins, where the client named one. */
export type ThreadChoice = { thread?: Thread; begins?: string };

/**
 * The thread that a client names for a message. A client may number its conversations itself: an unknown UUID begins a
 * thread of that id. Any other unknown id is NOT_FOUND, another agent's thread a VALIDATION_ERROR.
 */
export function threadFor(
  view: View,
  agent: Pick<Agent, 'id' | 'name'>,
  id: string | undefined,
  now: Date,
): ThreadChoice {
  if (id === undefined) return {};
  if (UUID.test(id) && !threadNamed(view, id)) return { begins: keptId(id) };
  const thread = findThread(view, id, now);
  if (thread.agent_id !== agent.id)
    throw invalid(
      `Thread ${id} is a conversation with another agent, ${thread.agent_id}. Give that one as agent_id, or leave thread_id out to start a conversation with "${agent.name}".`,
      { thread_id: 'another agent' },
    );
  demandOpen(thread, id);
  return { thread };
}

/**
 * The id of a new thread: the one that its client gave. A thread that the client doesn't see may have it already: then the
 * new one is kept by another, and its client goes on knowing it by theirs.
 */
export function newThreadIds(
  view: View,
  begins: string | undefined,
  newId: (prefix: string) => string,
): Pick<Thread, 'thread_id' | 'named'> {
  if (begins === undefined) return { thread_id: newId('th') };
  return wholeOf(view).thread(begins) ? { thread_id: newId('th'), named: begins } : { thread_id: begins };
}

/** Refuses to go on with a thread that was ended: CONFLICT. */
function demandOpen(thread: Thread, id: string): void {
  if (thread.status === 'open') return;
  throw conflict(
    `Thread ${id} is ${thread.status}, so it takes no more messages. Leave thread_id out of chat_with_agent to start a new one; get_thread reads this one.`,
    { status: thread.status, updated_at: thread.updated_at },
  );
}

export function listThreads(house: House, agentId: string | undefined, page: Page): Promise<PageOf<ThreadAsShown>> {
  return house.read((view, { now }) => {
    // The threads of a deleted agent stay: its id finds them, although there is no such agent any more.
    const isId = agentId === undefined || view.find.threads({ agent_id: agentId }, { limit: 0, offset: 0 }).total > 0;
    const agent_id = isId ? agentId : findAgent(view, agentId).id;
    return shownPage(view.find.threads({ agent_id }, page), page, (thread) => shownThread(view, thread, now));
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
    const found = findThread(view, id, now);
    const { messages: total, ...thread } = shownThread(view, found, now);
    const newestFirst = [...view.messages(found.thread_id)].reverse();
    const { rows, truncated } = pageOf(newestFirst, { limit: newestFirst.length, offset: 0 }, shownMessage);
    const messages = rows.reverse();
    return { thread: { ...thread, messages }, total, ...(truncated ? { truncated } : {}) };
  });
}

/** Ends a conversation. Ending it in the same way again changes nothing. */
export async function endThread(
  house: House,
  by: Author,
  args: {
    thread_id: string;
    outcome: 'completed' | 'abandoned';
    task_completed?: boolean | undefined;
    sentiment?: number | undefined;
  },
): Promise<ThreadAsShown> {
  const { outcome, task_completed, sentiment } = args;
  await house.commit(by, (view, { now, at }) => {
    const thread = findThread(view, args.thread_id, now);
    const isSaid =
      (task_completed === undefined || task_completed === thread.task_completed) &&
      (sentiment === undefined || sentiment === thread.sentiment);
    if (thread.status === outcome && isSaid) return { events: [], value: undefined };
    if (thread.status === 'completed') demandOpen(thread, args.thread_id);
    const said = {
      ...(task_completed === undefined ? {} : { task_completed }),
      ...(sentiment === undefined ? {} : { sentiment }),
    };
    const ended = { thread_id: thread.thread_id, outcome, ...said, at };
    return { events: [{ type: 'thread_ended', ...ended }], value: undefined };
  });
  return house.read((view, { now }) => shownThread(view, findThread(view, args.thread_id, now), now));
}

export type ThreadStatus = 'open' | 'completed' | 'abandoned';

/** One message of a conversation. A tool's answer has the role `tool`; the assistant's message before has the call. */
export type ThreadMessage = {
  role: 'user' | 'assistant' | 'tool';
  content: string;
  id: string;
  /** The id of the `chat_with_agent` call in which the message was said. */
  agent_iteration_id: string;
  at: string;
  /** The tool calls that the model made in this message. A model needs them back to understand what follows. */
  calls?: { id: string; name: string; input: unknown }[];
  /** The tool call that this message answers. */
  call?: { id: string; name: string };
};

/** A conversation with an agent. */
export type Thread = {
  thread_id: string;
  /** The id by which its client began it, where a thread that they don't see has that id already. */
  named?: string;
  agent_id: string;
  /** The contact that the conversation is about, and that its proposals are for. */
  contact_id?: string;
  status: ThreadStatus;
  /** How many messages the conversation has. */
  messages: number;
  task_completed?: boolean;
  /** How content the person was, by whoever ended it: -1 to 1. */
  sentiment?: number;
  created_by: string;
  created_at: string;
  updated_at: string;
};

const UNTOUCHED_MS = 86_400_000;

/** A thread with its status as of `now`: an open thread without a change for 24 hours is abandoned. */
export function threadNow(thread: Thread, now: Date): Thread {
  const isOld = now.getTime() - Date.parse(thread.updated_at) >= UNTOUCHED_MS;
  return thread.status === 'open' && isOld ? { ...thread, status: 'abandoned' } : thread;
}

/**
 * The id that somebody is shown of a thread: the one by which its client began it, unless they see another thread that has
 * it. So whoever begins a thread by an id never learns whether one has it that they don't see.
 */
export function shownThreadId({ thread_id, named }: Thread, sees: (id: string) => boolean): string {
  return named === undefined || sees(named) ? thread_id : named;
}

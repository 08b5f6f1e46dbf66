export type ThreadStatus = 'open' | 'completed' | 'abandoned';

/** One thing said in a conversation. A tool's answer is of role `tool`; its call stands in the assistant's message. */
export type ThreadMessage = {
  role: 'user' | 'assistant' | 'tool';
  content: string;
  id: string;
  /** The call of chat_with_agent that it was said in. */
  agent_iteration_id: string;
  at: string;
  /** What a model has to be handed back to understand its own message: its tool calls, or which call this answers. */
  calls?: { id: string; name: string; input: unknown }[];
  call?: { id: string; name: string };
};

/** A conversation with an agent. */
export type Thread = {
  thread_id: string;
  agent_id: string;
  /** Whom it is about; proposals go to this contact. */
  contact_id?: string;
  status: ThreadStatus;
  /** How many messages it has. */
  messages: number;
  task_completed?: boolean;
  created_by: string;
  created_at: string;
  updated_at: string;
};

const UNTOUCHED_MS = 86_400_000;

/** A thread as it stands now: untouched for 24 hours is abandoned. */
export function threadNow(thread: Thread, now: Date): Thread {
  const isOld = now.getTime() - Date.parse(thread.updated_at) >= UNTOUCHED_MS;
  return thread.status === 'open' && isOld ? { ...thread, status: 'abandoned' } : thread;
}

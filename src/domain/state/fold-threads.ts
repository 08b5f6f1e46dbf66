import type { Thread, ThreadMessage } from '../agents/thread.ts';
import type { Kind } from './fold.ts';

export const threadsKind: Kind<Map<string, Thread>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'thread_talked') {
      const { thread, messages } = event;
      const before = state.get(thread.thread_id)?.messages ?? 0;
      state.set(thread.thread_id, { ...thread, messages: before + messages.length });
    }
    if (event.type === 'thread_ended') {
      const { thread_id, outcome, task_completed, sentiment, at } = event;
      const thread = state.get(thread_id);
      if (thread)
        state.set(thread_id, {
          ...thread,
          status: outcome,
          updated_at: at,
          ...(task_completed === undefined ? {} : { task_completed }),
          ...(sentiment === undefined ? {} : { sentiment }),
        });
    }
    if (event.type === 'contact_deleted') {
      for (const id of event.thread_ids ?? []) {
        const thread = state.get(id);
        if (!thread) continue;
        const { contact_id: _gone, ...rest } = thread;
        state.set(id, { ...rest, messages: 0, status: thread.status === 'open' ? 'abandoned' : thread.status });
      }
    }
  },
};

export const threadKind: Kind<ThreadMessage[]> = {
  empty: () => [],
  fold(state, event) {
    if (event.type === 'thread_talked') state.push(...event.messages);
    if (event.type === 'contact_deleted') state.length = 0;
  },
};

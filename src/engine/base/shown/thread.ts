import { z } from 'zod';
import type { Thread, ThreadMessage } from '../../../domain/agents/thread.ts';
import type { FieldsOf } from './fields.ts';

function threadFields() {
  return {
    thread_id: z.string(),
    agent_id: z.string(),
    contact_id: z.string().exactOptional(),
    status: z.enum(['open', 'completed', 'abandoned']),
    /** How many messages there are. */
    messages: z.int(),
    task_completed: z.boolean().exactOptional(),
    sentiment: z.number().exactOptional(),
    created_by: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  } satisfies FieldsOf<Omit<Thread, 'named'>>;
}

/** A conversation in a list. */
export function threadShape() {
  return z.strictObject(threadFields());
}
export type ThreadAsShown = z.infer<ReturnType<typeof threadShape>>;

/** One message; the function calls in it are for the model alone. */
function messageShape() {
  return z.strictObject({
    role: z.enum(['user', 'assistant', 'tool']),
    content: z.string(),
    id: z.string(),
    agent_iteration_id: z.string(),
    at: z.string(),
  } satisfies FieldsOf<Omit<ThreadMessage, 'calls' | 'call'>>);
}
export type MessageAsShown = z.infer<ReturnType<typeof messageShape>>;

/** A conversation with its messages. */
export function threadReadingShape() {
  return z.strictObject({ ...threadFields(), messages: z.array(messageShape()) });
}
export type ThreadReading = z.infer<ReturnType<typeof threadReadingShape>>;

import { z } from 'zod';

/** For each field that some other tool yields: that tool, as the error of a missing argument names it. */
const SOURCES = z.registry<{ source: string }>();

function from<T extends z.ZodType>(source: string, field: T): T {
  SOURCES.add(field, { source });
  return field;
}

/** A field that is described by where its value comes from. */
function fieldFrom<T extends z.ZodType>(source: string, field: T): T {
  return from(source, field.describe(`From ${source}`));
}

/**
 * For each required argument that no tool yields and that isn't one of a few words: what it is, as the error of a
 * missing one says it.
 */
const WORDS: Readonly<Record<string, string>> = {
  name: 'the name, a text of up to 200 characters',
  email: 'the address that emails come from',
  message: 'what to say to the agent',
  reasoning: 'why you propose this or nothing, in words for the person',
  on: 'true to put the brake on, false to take it off',
  payload: 'an agent in JSON, as export_agent or the API of another product gives it',
  feedback: 'how the person wants the action, in their words',
  proposed_actions: 'an array of {type, params}, in the shapes of allowed_actions; [] proposes nothing',
};

/** What a required argument of this name is, in words; undefined where a tool yields it. */
export function wordsFor(name: string): string | undefined {
  return Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
}

/** The tools that yield a field's value, such as `trigger_agent or list_runs`; undefined where no tool does. */
export function toolsYielding(field: unknown): string | undefined {
  return field instanceof z.ZodType ? SOURCES.get(field)?.source : undefined;
}

/** Arguments that several tools share. A model reads what `describe` says of them. */
export const agentId = from('list_agents', z.string().min(1).max(200).describe('Id or exact name of an agent'));
export const runId = fieldFrom('trigger_agent or list_runs', z.string().min(1).max(200));
export const contactId = fieldFrom('list_contacts', z.string().min(1).max(254));
/** The contact of an action, which stands in the action's row. */
export const actionContact = fieldFrom('list_pending_actions', z.string().min(1).max(254));
export const threadId = fieldFrom('chat_with_agent or list_threads', z.string().min(1).max(100));
export const evaluationId = fieldFrom('next_evaluation', z.string().min(1).max(100));
export const reviewToken = fieldFrom('list_pending_actions', z.string().min(1));
export const actionIndex = from('list_pending_actions', z.int().min(0));
export const expectedDigest = from('list_pending_actions', z.string().min(1).describe("The row's digest"));
export const idempotencyKeyField = z.string().min(1).max(200).optional();

export function waitSeconds(most: number) {
  return z.number().min(0).max(most).optional();
}

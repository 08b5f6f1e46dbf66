import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  PROTOCOL_VERSION_META_KEY,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { signedText, valueSigned } from '../../domain/access/signed-text.ts';
import type { Author } from '../../domain/base/author.ts';
import { isObject } from '../../domain/base/json.ts';
import type { House } from '../../engine/base/house.ts';
import { FIELD, formSchema } from './field.ts';
import type { FormAnswer, FormNeeded, FormState } from './prove.ts';

/**
 * How long a form can be answered: while its call is open, which keeps a connection busy; and where the call ended with
 * the form, as long as what it showed is kept.
 */
const OPEN_MS = 600_000;
const KEPT_MS = 86_400_000;

/** The home that signs forms: its key, which is one for all its processes, and its clock. */
type FormHome = { store: Pick<House['store'], 'secret'>; deps: Pick<House['deps'], 'now'> };

const purposeOf = (ctx: ServerContext) => `form of ${ctx.mcpReq.method}`;

/** A form's state as the home signed it, for calls of one method: it travels through the client. */
async function signedState(state: FormState, { store, deps }: FormHome, ctx: ServerContext): Promise<string> {
  const key = await store.secret();
  return signedText(purposeOf(ctx), { ...state, until: deps.now().getTime() + KEPT_MS }, key);
}

/** What a signed state says. Throws where the home didn't sign it for such a call, or its time is over. */
export async function verifiedState(text: string, { store, deps }: FormHome, ctx: ServerContext): Promise<unknown> {
  const state = valueSigned(purposeOf(ctx), text, await store.secret());
  if (!isObject(state) || typeof state.until !== 'number') throw new Error('This home signed no such form.');
  if (deps.now().getTime() >= state.until) throw new Error('This form is too old.');
  return state;
}

/** Whether a request follows the revision 2026-07-28, in which each request says its version and capabilities. */
function isModern(ctx: ServerContext): boolean {
  const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope };
  return typeof envelope[PROTOCOL_VERSION_META_KEY] === 'string';
}

/** Whether the client says that it can show forms: `elicitation: {}` or with `form` (2025-11-25 and later). */
export function canShowForms(server: McpServer, ctx: ServerContext): boolean {
  const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope };
  const capabilities = isModern(ctx) ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.server.getClientCapabilities();
  const elicitation = isObject(capabilities) ? capabilities.elicitation : undefined;
  return isObject(elicitation) && (Object.keys(elicitation).length === 0 || elicitation.form !== undefined);
}

/** A form's answer that a call carries since 2026-07-28. It counts only with our own state, which was verified. */
export function carriedAnswer(ctx: ServerContext): FormAnswer | undefined {
  const state = ctx.mcpReq.requestState<FormState>();
  if (!isModern(ctx) || !isObject(state)) return undefined;
  const { form, shown, progress } = state;
  if (typeof form !== 'string' || typeof shown !== 'string') return undefined;
  const earlier = typeof progress === 'string' ? { progress } : {};
  return { state: { form, shown, ...earlier }, response: ctx.mcpReq.inputResponses?.[FIELD] };
}

/** Asks as revisions before 2026-07-28 do: by a request of the server's own, whose answer is waited for. */
async function askNow(
  ctx: ServerContext,
  message: string,
  requestedSchema: ReturnType<typeof formSchema>,
): Promise<unknown> {
  try {
    return await ctx.mcpReq.send(
      { method: 'elicitation/create', params: { message, requestedSchema } },
      { timeout: OPEN_MS, signal: ctx.mcpReq.signal },
    );
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { action: 'cancel', problem: problem.slice(0, 200) };
  }
}

/** Has the client `by` show a form. Gives the answer, or, since 2026-07-28, the result with which a call asks for a form. */
export async function showForm(
  ctx: ServerContext,
  home: FormHome,
  needed: FormNeeded,
  by: Author,
): Promise<{ answer: FormAnswer } | { result: InputRequiredResult }> {
  const { message, text, state } = needed;
  const requestedSchema = formSchema(text, by);
  if (!isModern(ctx)) return { answer: { state, response: await askNow(ctx, message, requestedSchema) } };
  const form = inputRequired.elicit({ message, requestedSchema });
  const requestState = await signedState(state, home, ctx);
  return { result: inputRequired({ inputRequests: { [FIELD]: form }, requestState }) };
}

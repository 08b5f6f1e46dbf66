import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  PROTOCOL_VERSION_META_KEY,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Author } from '../../domain/base/author.ts';
import { isObject } from '../../domain/base/json.ts';
import type { Store } from '../../store/store.ts';
import { FIELD, formSchema } from './field.ts';
import type { FormAnswer, FormNeeded, FormState } from './prove.ts';

/**
 * How long a form can be answered: while its call is open, which keeps a connection busy; and where the call ended with
 * the form, as long as what it showed is kept.
 */
const OPEN_SECONDS = 600;
const KEPT_SECONDS = 86_400;

/** Signs a form's state, which travels through the client. The key is the home's: any process on the home can check. */
export async function formCodec(store: Pick<Store, 'secret'>): Promise<RequestStateCodec<FormState>> {
  return createRequestStateCodec<FormState>({
    key: await store.secret(),
    ttlSeconds: KEPT_SECONDS,
    bind: (ctx) => ctx.mcpReq.method,
  });
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

/** A form's answer that a call carries since 2026-07-28. It counts only with our own state, which the SDK verified. */
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
      { timeout: OPEN_SECONDS * 1000, signal: ctx.mcpReq.signal },
    );
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { action: 'cancel', problem: problem.slice(0, 200) };
  }
}

/** Has the client `by` show a form. Gives the answer, or, since 2026-07-28, the result with which a call asks for a form. */
export async function showForm(
  ctx: ServerContext,
  codec: RequestStateCodec<FormState>,
  needed: FormNeeded,
  by: Author,
): Promise<{ answer: FormAnswer } | { result: InputRequiredResult }> {
  const { message, text, state } = needed;
  const requestedSchema = formSchema(text, by);
  if (!isModern(ctx)) return { answer: { state, response: await askNow(ctx, message, requestedSchema) } };
  const form = inputRequired.elicit({ message, requestedSchema });
  const requestState = await codec.mint(state, ctx);
  return { result: inputRequired({ inputRequests: { [FIELD]: form }, requestState }) };
}

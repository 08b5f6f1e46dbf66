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
import { isObject } from '../../domain/base/json.ts';
import type { Store } from '../../store/store.ts';
import type { FormAnswer, FormNeeded, FormState } from './prove.ts';

/** A form stays good this long; a person may have gone for coffee. */
const TTL_SECONDS = 600;
const FIELD = 'decision';

/** The one required field has no default, so that a form sent back untouched decides nothing. */
const SCHEMA = {
  type: 'object' as const,
  properties: {
    decision: {
      type: 'string' as const,
      title: 'Decision',
      description: 'approve: it happens. reject: it does not.',
      enum: ['approve', 'reject'],
    },
    reason: { type: 'string' as const, title: 'Reason', description: 'Why, if you like; later runs are told it' },
  },
  required: ['decision'],
};

/** Signs what travels through the client; the key is the home's, so that any process can read it back. */
export async function formCodec(store: Pick<Store, 'secret'>): Promise<RequestStateCodec<FormState>> {
  return createRequestStateCodec<FormState>({
    key: await store.secret(),
    ttlSeconds: TTL_SECONDS,
    bind: (ctx) => ctx.mcpReq.method,
  });
}

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

/** The answer that a call carries since 2026-07-28: only with our own state, which the SDK has verified by then. */
export function carriedAnswer(ctx: ServerContext): FormAnswer | undefined {
  const state = ctx.mcpReq.requestState<FormState>();
  if (!isModern(ctx) || !isObject(state)) return undefined;
  const { form, shown } = state;
  if (typeof form !== 'string' || typeof shown !== 'string') return undefined;
  return { state: { form, shown }, response: ctx.mcpReq.inputResponses?.[FIELD] };
}

/** Before 2026-07-28 the server asks by a request of its own and waits for the answer. */
async function askNow(ctx: ServerContext, message: string): Promise<unknown> {
  try {
    return await ctx.mcpReq.send(
      { method: 'elicitation/create', params: { message, requestedSchema: SCHEMA } },
      { timeout: TTL_SECONDS * 1000, signal: ctx.mcpReq.signal },
    );
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { action: 'cancel', problem: problem.slice(0, 200) };
  }
}

/** Has a form shown: gives the answer where the client is asked directly, or what the call returns to have it asked. */
export async function showForm(
  ctx: ServerContext,
  codec: RequestStateCodec<FormState>,
  { message, state }: FormNeeded,
): Promise<{ answer: FormAnswer } | { result: InputRequiredResult }> {
  if (!isModern(ctx)) return { answer: { state, response: await askNow(ctx, message) } };
  const form = inputRequired.elicit({ message, requestedSchema: SCHEMA });
  const requestState = await codec.mint(state, ctx);
  return { result: inputRequired({ inputRequests: { [FIELD]: form }, requestState }) };
}

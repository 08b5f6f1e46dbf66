import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { digest } from '../../domain/base/digest.ts';
import { addressKey } from '../../domain/contacts/address.ts';

/** The sender's addresses beside its own: where answers, copies and a wish for no more emails go. */
const OTHER_ADDRESSES = ['reply_to', 'bcc', 'unsubscribe_url', 'unsubscribe_mailto'] as const;

/**
 * The sender's part of a digest. `smtp_url_env` is part of it where emails go by SMTP and not to the outbox, and the
 * other addresses where there are some: so what was decided on before there were any keeps its digest.
 */
function senderParts(identity: Identity): unknown[] {
  const { id, name, email, signature, smtp_url_env } = identity;
  const others = OTHER_ADDRESSES.filter((field) => identity[field] !== undefined);
  return [
    ...[id, name, email, signature ?? null],
    ...(smtp_url_env === undefined ? [] : [smtp_url_env]),
    ...(others.length === 0 ? [] : [Object.fromEntries(others.map((field) => [field, identity[field]]))]),
  ];
}

/**
 * Where an action goes, as a person should see it: an address, a profile, a URL, or `server/tool`. An audit calls it
 * again for every entry of the decision log, so what it gave for an old scene it must go on giving, but for case.
 */
export function recipientOf(
  type: string,
  scene: ActionScene | undefined,
  tool: Pick<PinnedTool, 'server' | 'name'> | undefined,
): string | undefined {
  if (tool) return `${tool.server}/${tool.name}`;
  return scene && findActionType(type)?.target(scene);
}

/** A recipient as recipients are compared: a URL as it will be reached, an address as it goes on the wire. */
export function recipientKey(recipient: string): string {
  const text = recipient.trim();
  return /^https?:/i.test(text) && URL.canParse(text) ? new URL(text).href : addressKey(text);
}

/** Params as an action of a type does them in a scene: what a person is shown, and what a decision binds to. */
export function paramsInScene(
  type: string,
  params: Record<string, unknown>,
  scene: ActionScene,
): Record<string, unknown> {
  return findActionType(type)?.inScene?.(scene, params) ?? params;
}

/**
 * What a decision binds to, in parts: the action's type, params and recipient; its sender too, where it reaches people; what it
 * carries of the message that it answers; and the tool's definition, where it calls a tool of an MCP server.
 */
export function actionParts(
  type: string,
  params: Record<string, unknown>,
  scene: ActionScene,
  tool: PinnedTool | undefined,
): unknown[] {
  const known = findActionType(type);
  const { identity } = scene;
  const from = known?.outbound && identity ? senderParts(identity) : null;
  const done = paramsInScene(type, params, scene);
  const carried = known?.carries?.(scene, done);
  const more = carried === undefined ? [] : [carried];
  const bound = [type, done, known?.target(scene) ?? null, from, ...more];
  return tool ? [...bound, tool.server, tool.name, tool.digest] : bound;
}

/** The digest that a decision binds to, as long as nothing moved since the proposal. */
export function actionDigest(
  type: string,
  params: Record<string, unknown>,
  scene: ActionScene,
  tool: PinnedTool | undefined,
): string {
  return digest(actionParts(type, params, scene, tool));
}

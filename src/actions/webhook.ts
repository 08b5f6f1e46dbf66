import { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { Deps } from '../domain/base/deps.ts';
import type { ActionType } from './action.ts';
import { hookWarnings, postHook, secretLack } from './hook.ts';
import { jsonObject } from './json-object.ts';

const params = z.strictObject({ payload: jsonObject });

function warnings(agent: Agent, { env }: Pick<Deps, 'env'>): string[] {
  const isCapable = agent.capabilities.includes('webhook');
  if (agent.connections.webhook_url === undefined)
    return isCapable
      ? ['The capability "webhook" has no connections.webhook_url: webhook actions are blocked until it is set.']
      : [];
  const unused = 'connections.webhook_url has no effect without the capability "webhook".';
  return [...(isCapable ? [] : [unused]), ...hookWarnings(agent, env)];
}

/** `webhook`, params `{payload}`: a POST to the agent's `connections.webhook_url`, signed where there is a secret. */
export const webhook: ActionType = {
  type: 'webhook',
  noun: 'post to a web address',
  capability: 'webhook',
  outbound: true,
  harmless: false,
  leavesMachine: () => true,
  consent: ['do_not_contact'],
  settings: ['webhook_url', 'secret_env'],
  params,
  target: ({ agent }) => agent.connections.webhook_url,
  obstacle: ({ agent }) =>
    agent.connections.webhook_url === undefined
      ? 'the agent has no connections.webhook_url to post to: set it with update_agent'
      : undefined,
  lack: secretLack,
  warnings,
  perform: (attempt) =>
    postHook(attempt, attempt.agent.connections.webhook_url, 'action', {
      payload: params.parse(attempt.params).payload,
    }),
};

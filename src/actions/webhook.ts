import { z } from 'zod';
import type { ActionType } from './action.ts';
import { postHook, secretLack } from './hook.ts';
import { jsonObject } from './json-object.ts';

const params = z.strictObject({ payload: jsonObject });

/** `webhook`, params `{payload}`: a POST to the agent's `connections.webhook_url`, signed as Standard Webhooks say. */
export const webhook: ActionType = {
  type: 'webhook',
  capability: 'webhook',
  outbound: true,
  consent: ['do_not_contact'],
  params,
  target: ({ agent }) => agent.connections.webhook_url,
  obstacle: ({ agent }) =>
    agent.connections.webhook_url === undefined
      ? 'the agent has no connections.webhook_url to post to: set it with update_agent'
      : undefined,
  lack: secretLack,
  perform: (attempt) =>
    postHook(attempt, attempt.agent.connections.webhook_url, 'action', {
      payload: params.parse(attempt.params).payload,
    }),
};

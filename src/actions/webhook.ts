import { z } from 'zod';
import { type ActionType, EffectFailed } from './action.ts';
import { jsonObject } from './json-object.ts';

const NOT_YET =
  "webhook actions can't be done by this build yet: no code posts to connections.webhook_url; propose a note or crm_update instead";

/** `webhook`, params `{payload}`: its shape is known, but every one is blocked, as this build posts nowhere. */
export const webhook: ActionType = {
  type: 'webhook',
  capability: 'webhook',
  outbound: true,
  consent: ['do_not_contact'],
  params: z.strictObject({ payload: jsonObject }),
  target: ({ agent }) => agent.connections.webhook_url,
  obstacle: () => NOT_YET,
  async perform() {
    throw new EffectFailed('PROVIDER_ERROR', NOT_YET);
  },
};

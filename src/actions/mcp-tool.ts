import { z } from 'zod';
import { type ActionType, EffectFailed } from './action.ts';
import { jsonObject } from './json-object.ts';

const NOT_YET =
  "mcp_tool actions can't be done by this build yet: no code calls the servers of config.json mcpServers; propose a note or crm_update instead";

/**
 * `mcp_tool`, params `{tool, arguments}`: its shape is known, but every one is blocked, as this build calls no server.
 * `capability` is a prefix here: an agent has `mcp:<server>` for each server whose tools it may propose.
 */
export const mcpTool: ActionType = {
  type: 'mcp_tool',
  capability: 'mcp:',
  outbound: true,
  consent: ['do_not_contact'],
  params: z.strictObject({ tool: z.string().min(1).max(200), arguments: jsonObject }),
  target: () => undefined,
  obstacle: () => NOT_YET,
  async perform() {
    throw new EffectFailed('PROVIDER_ERROR', NOT_YET);
  },
};

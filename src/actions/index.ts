import type { ActionType } from './action.ts';
import { crmUpdate } from './crm-update.ts';
import { emailMessage } from './email-message.ts';
import { linkedinMessage } from './linkedin-message.ts';
import { mcpTool } from './mcp-tool.ts';
import { note } from './note.ts';
import { webhook } from './webhook.ts';

/** Every type of action, in the order in which capabilities are listed. */
export const ACTION_TYPES: readonly ActionType[] = [emailMessage, linkedinMessage, note, crmUpdate, webhook, mcpTool];

export function findActionType(type: string): ActionType | undefined {
  return ACTION_TYPES.find((known) => known.type === type);
}

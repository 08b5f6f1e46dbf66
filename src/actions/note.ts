import { z } from 'zod';
import type { ActionType } from './action.ts';

const params = z.strictObject({ body: z.string().min(1).max(20_000) });

/** `note`, params `{body}` of 1 to 20,000 characters: adds it to the contact's notes. */
export const note: ActionType = {
  type: 'note',
  capability: 'notes',
  outbound: false,
  harmless: true,
  leavesMachine: () => false,
  consent: [],
  params,
  target: () => undefined,
  obstacle: () => undefined,
  apply({ agent, ref, params: given }, at) {
    const { body } = params.parse(given);
    return {
      events: [{ type: 'note_added', note: { ...ref, body, agent_id: agent.id, at } }],
      result: { channel: 'notes', note: "added to the contact's notes" },
    };
  },
};

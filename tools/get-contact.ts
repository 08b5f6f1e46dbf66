import { z } from 'zod';
import {
  contactShape,
  eventShape,
  noteShape,
  profileShape,
  recentActionShape,
} from '../src/engine/base/shown/contact.ts';
import { getContact } from '../src/engine/contacts/read.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { contactId } from '../src/mcp/fields.ts';

export const getContactTool = defineTool({
  name: 'get_contact',
  title: 'Get contact',
  description:
    'Reads one contact: all its fields, its newest events and notes, what agents did for it, and the profile that follows from these.',
  toolset: 'contacts',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ contact_id: contactId }),
  output: {
    contact: { one: contactShape },
    events: { many: eventShape },
    notes: { many: noteShape },
    recent_actions: { many: recentActionShape },
    unified_profile: { one: profileShape },
  },
  resources: [
    {
      name: 'contact',
      title: 'Contact',
      uri: 'countersign://contacts/{contact_id}',
      description: 'One contact with its events, notes and recent actions, as get_contact gives it',
    },
  ],
  handler: ({ contact_id }, { house }) => getContact(house, contact_id),
});

import { z } from 'zod';
import { deleteContact } from '../src/engine/contacts/delete-contact.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { contactId } from '../src/mcp/fields.ts';

export const deleteContactTool = defineTool({
  name: 'delete_contact',
  title: 'Delete contact',
  description:
    'Erases a contact with its events, notes and results, and cancels what waits for it. This cannot be undone; to stop writing to someone, import do_not_contact true instead.',
  toolset: 'contacts',
  scopes: ['agents:write'],
  hints: CHANGES,
  input: z.strictObject({ contact_id: contactId }),
  output: { contact_id: 'string', erased: 'object', redacted: 'object', warnings: 'array' },
  handler: ({ contact_id }, { house, by }) => deleteContact(house, by, contact_id),
});

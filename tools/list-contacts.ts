import { z } from 'zod';
import { contactRowShape } from '../src/engine/base/shown/contact.ts';
import { listContacts } from '../src/engine/contacts/read.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { pagedResult, pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';

export const listContactsTool = defineTool({
  name: 'list_contacts',
  title: 'List contacts',
  description:
    'Finds contacts, newest first: filter in MongoDB syntax ({"TotalVisits": {"$gte": 5}}), query: part of id, email, name or company; fields adds columns.',
  toolset: 'contacts',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({
    filter: z.record(z.string(), z.unknown()).optional(),
    query: z.string().optional(),
    fields: z.array(z.string()).max(50).optional(),
    ...pageFields(100),
  }),
  output: { warnings: 'array', contacts: { many: contactRowShape }, ...pageKeys, total_is: 'string' },
  async handler({ limit, offset, ...wanted }, { house }) {
    const { page, warnings } = await listContacts(house, wanted, pageFrom({ limit, offset }));
    // Before the rows: some clients cut the end of a long result.
    return { ...(warnings.length > 0 ? { warnings } : {}), ...pagedResult('contacts', page) };
  },
});

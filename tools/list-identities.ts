import { z } from 'zod';
import { listIdentities } from '../src/engine/agents/identities.ts';
import { listedIdentityShape } from '../src/engine/base/shown/identity.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { pagedResult, pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';

export const listIdentitiesTool = defineTool({
  name: 'list_identities',
  title: 'List identities',
  description: 'Lists the identities that emails can come from, newest first, with their mailboxes.',
  toolset: 'agents',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ ...pageFields(100) }),
  output: { identities: { many: listedIdentityShape }, ...pageKeys },
  handler: async (args, { house }) => pagedResult('identities', await listIdentities(house, pageFrom(args))),
});

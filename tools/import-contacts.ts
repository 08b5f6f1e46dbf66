import { z } from 'zod';
import { IMPORT_FORMATS } from '../src/domain/import/formats.ts';
import { makeImport, readImport } from '../src/engine/contacts/import.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { withConsent } from '../src/mcp/forms/consent.ts';

export const importContactsTool = defineTool({
  name: 'import_contacts',
  title: 'Import contacts',
  description: `Imports contacts and events from a file (path), CSV text (csv), or values (contacts, events). ${IMPORT_FORMATS.map(({ title }) => title).join(', ')}. Headers match fields by name; mapping {field: "Column"} says otherwise: a row needs an id or email. dry_run shows what would happen. The same import again changes nothing; consent flags are set, never cleared.`,
  toolset: 'contacts',
  scopes: ['agents:write'],
  hints: { ...ADDS, idempotent: true },
  input: z.strictObject({
    path: z.string().min(1).max(4096).optional(),
    csv: z.string().optional(),
    contacts: z.array(z.record(z.string(), z.unknown())).optional(),
    events: z.array(z.record(z.string(), z.unknown())).optional(),
    mapping: z.record(z.string(), z.string().nullable()).optional(),
    format: z.enum(IMPORT_FORMATS.map(({ name }) => name)).optional(),
    dry_run: z.boolean().optional(),
  }),
  output: {
    import_id: 'string',
    created: 'integer',
    updated: 'integer',
    unchanged: 'integer',
    kept_consent: 'integer',
    events_recorded: 'integer',
    error_count: 'integer',
    warnings: 'array',
    columns: 'object',
    errors: 'array',
  },
  async handler(args, call) {
    const { by, onProgress } = call;
    const read = await readImport(call.house, args);
    if (!read.waiving) return makeImport(call.house, { by, onProgress }, read);
    return withConsent(call, read.waiving, (house, via) => makeImport(house, { by, via, onProgress }, read));
  },
});

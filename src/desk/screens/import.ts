import { z } from 'zod';
import { IMPORT_FORMATS } from '../../domain/import/formats.ts';
import { makeImport, readImport } from '../../engine/contacts/import.ts';
import { withConsent } from '../../mcp/forms/consent.ts';
import { NOBODY } from '../../mcp/forms/prove.ts';
import { acting, type DeskRoute } from '../entry/desk-route.ts';

const importBody = z.strictObject({
  text: z.string().min(1),
  filename: z.string().max(300).exactOptional(),
  mapping: z.record(z.string(), z.string().nullable()).exactOptional(),
  format: z.enum(IMPORT_FORMATS.map(({ name }) => name)).exactOptional(),
  dry_run: z.boolean(),
});

/**
 * Contacts of a file that was dropped on the page: what import_contacts answers. The page asks for a dry run first, which tells
 * what each column would be. An import that overlooks objections waits among the changes, as everywhere: the queue shows it.
 */
export function importRoutes(): DeskRoute[] {
  return [
    acting({
      path: '/import',
      scopes: ['agents:write'],
      body: importBody,
      async handle({ house, by, signal, body: { text, filename, mapping, format, dry_run } }) {
        const read = await readImport(house, { text: { content: text, name: filename }, mapping, format, dry_run });
        if (!read.waiving) return makeImport(house, { by }, read);
        return withConsent({ house, by, signal, asking: NOBODY }, read.waiving, (as, via) =>
          makeImport(as, { by, via }, read),
        );
      },
    }),
  ];
}

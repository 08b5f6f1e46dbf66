import { z } from 'zod';
import { outboxFile, outboxPage } from '../../engine/history/outbox-files.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { shownAs } from '../queue/row-to-decide.ts';
import { screenPage } from './pages.ts';

const USUAL_ROWS = 50;
const fileQuery = z.strictObject({ run_id: z.string(), contact_id: z.string(), action_index: z.int().min(0) });

/** A file as it goes to the person's own program. What strangers wrote stands in it, so no browser may show it. */
function attached(name: string, content: Buffer): Response {
  const type = name.endsWith('.eml') ? 'message/rfc822' : 'text/markdown; charset=utf-8';
  return new Response(new Uint8Array(content), {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** Messages that were written to files, for a person to send by hand: `POST /desk/settle` takes their word that they did. */
export function outboxRoutes({ nonces }: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/outbox',
      scopes: ['agents:read'],
      query: z.strictObject(screenPage),
      async handle({ house, session, query: { limit = USUAL_ROWS, offset = 0 } }) {
        const { files, ...page } = await outboxPage(house, { limit, offset });
        const rows = files.map((row) => ({ ...row, nonce: nonces.give(session, shownAs(row, row.digest)) }));
        return { files: rows, ...page };
      },
    }),
    looking({
      path: '/outbox/file',
      scopes: ['agents:read'],
      query: fileQuery,
      async handle({ house, query }) {
        const { name, content } = await outboxFile(house, query);
        return attached(name, content);
      },
    }),
  ];
}

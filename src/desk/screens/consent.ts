import { z } from 'zod';
import { conflict, invalid } from '../../domain/base/errors.ts';
import { type LiftWanted, liftable, liftConsent, liftWanted } from '../../engine/contacts/lift-consent.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute, looking } from '../entry/desk-route.ts';
import { demandMoreThanClick } from '../routes/proven.ts';
import { demandAllOf } from './scopes.ts';

/** How many of the contacts are shown: the count is of all. */
const EXAMPLES = 10;

const INSTEAD = 'run `countersign consent` in a terminal of your own';

const text = z.string().max(1_000);
const whose = { address: text.optional(), source: text.optional() };
const consentBody = z.strictObject({ address: text.exactOptional(), source: text.exactOptional(), nonce: z.string() });

/** Whose objections are meant; VALIDATION_ERROR where that can't be read. */
function wantedOf({ address, source }: { address?: string | undefined; source?: string | undefined }): LiftWanted {
  const wanted = liftWanted(address, source);
  if (typeof wanted === 'string')
    throw invalid(wanted, { [source === undefined ? 'address' : 'source']: 'unreadable' });
  return wanted;
}

/** Lifting objections: of an address, or all that one column of one import (`source`, COLUMN@IMPORT) alone has set. */
export function consentRoutes({ nonces }: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/consent',
      scopes: ['agents:read'],
      query: z.strictObject(whose),
      async handle({ house, session, query }) {
        const { rows, kept, digest } = await liftable(house, wantedOf(query));
        const contacts = rows.slice(0, EXAMPLES);
        return { contacts, contacts_total: rows.length, kept, digest, nonce: nonces.give(session, digest) };
      },
    }),
    acting({
      path: '/consent',
      scopes: ['agents:approve'],
      body: consentBody,
      async handle({ house, by, session, body: { nonce, ...asked } }) {
        // A contact's flags change, and somebody is written to again: it takes both.
        demandAllOf(by, ['agents:write', 'agents:approve']);
        await demandMoreThanClick(house, { via: 'human' }, INSTEAD);
        const wanted = wantedOf(asked);
        const { rows, kept, digest } = await liftable(house, wanted);
        if (rows.length === 0 && kept.length === 0)
          throw conflict('Nothing to lift: no contact has such an objection.');
        const why = nonces.take(nonce, session, digest);
        if (why !== undefined) throw conflict(`Nothing was lifted: ${why}.`);
        const lifted = await liftConsent(house, by, wanted, digest);
        return { lifted: lifted.rows.length, kept: lifted.kept };
      },
    }),
  ];
}

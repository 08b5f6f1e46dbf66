import { z } from 'zod';
import { getContact, listContacts } from '../../engine/contacts/read.ts';
import { storyOf } from '../../engine/history/story.ts';
import { pagedResult } from '../../mcp/pages.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { pageAsked, screenPage } from './pages.ts';

/** The runs of a contact's story on a page, unless another number is asked for. */
const ENCOUNTERS = 20;

const listQuery = z.strictObject({ query: z.string().max(200).optional(), ...screenPage });
const oneQuery = z.strictObject({ id: z.string().min(1).max(1_000), ...screenPage });

/** Contacts, as list_contacts and get_contact show them, and a contact's story. */
export function contactRoutes(): DeskRoute[] {
  return [
    looking({
      path: '/contacts',
      scopes: ['agents:read'],
      query: listQuery,
      async handle({ house, query: { query = '', limit, offset } }) {
        const wanted = query.trim() === '' ? {} : { query: query.trim() };
        const { page, warnings } = await listContacts(house, wanted, pageAsked({ limit, offset }));
        return { ...(warnings.length > 0 ? { warnings } : {}), ...pagedResult('contacts', page) };
      },
    }),
    looking({
      path: '/contact',
      scopes: ['agents:read'],
      query: oneQuery,
      async handle({ house, query: { id, limit = ENCOUNTERS, offset = 0 } }) {
        return { ...(await getContact(house, id)), ...(await storyOf(house, id, { limit, offset })) };
      },
    }),
  ];
}

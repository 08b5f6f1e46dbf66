import { z } from 'zod';
import { decisionPage } from '../../engine/history/decision-page.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { screenPage } from './pages.ts';

const USUAL_ROWS = 50;
const logQuery = z.strictObject({ agent_id: z.string().optional(), ...screenPage });

/** The decision log, newest first. */
export function logRoutes(): DeskRoute[] {
  return [
    looking({
      path: '/log',
      scopes: ['agents:read'],
      query: logQuery,
      handle: ({ house, query: { agent_id, limit = USUAL_ROWS, offset = 0 } }) =>
        decisionPage(house, { agent_id, limit, offset }),
    }),
  ];
}

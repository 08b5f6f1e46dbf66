import { z } from 'zod';
import { decisionChoices, decisionPage } from '../../engine/history/decision-page.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { screenPage } from './pages.ts';

const USUAL_ROWS = 50;
const logQuery = z.strictObject({
  agent_id: z.string().optional(),
  /** The name of who decided, as the log has it. */
  by: z.string().max(1_000).optional(),
  decision: z.string().max(100).optional(),
  ...screenPage,
});

/** The decision log, newest first, and what it can be narrowed to. */
export function logRoutes(): DeskRoute[] {
  return [
    looking({
      path: '/log',
      scopes: ['agents:read'],
      query: logQuery,
      async handle({ house, query: { limit = USUAL_ROWS, offset = 0, ...wanted } }) {
        const page = await decisionPage(house, { ...wanted, limit, offset });
        return { ...page, filters: await decisionChoices(house) };
      },
    }),
  ];
}

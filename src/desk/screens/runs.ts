import { z } from 'zod';
import { RUN_STATUSES } from '../../domain/runs/run.ts';
import type { House } from '../../engine/base/house.ts';
import { getRun, listRuns } from '../../engine/runs/read.ts';
import { pagedResult } from '../../mcp/pages.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { pageAsked, screenPage } from './pages.ts';

/** The contacts of a run on a page, unless fewer are asked for. */
const RESULTS = 25;

const listQuery = z.strictObject({
  agent_id: z.string().optional(),
  status: z.enum(RUN_STATUSES).optional(),
  ...screenPage,
});
const oneQuery = z.strictObject({ contact_id: z.string().optional(), ...screenPage });

/** The names of agents, by id: a run has only the id. */
function namesOf(house: House, ids: readonly string[]): Promise<Record<string, string>> {
  return house.read((view) =>
    Object.fromEntries(
      [...new Set(ids)].flatMap((id) => {
        const agent = view.agent(id);
        return agent ? [[id, agent.name] as const] : [];
      }),
    ),
  );
}

/** Runs, as list_runs and get_run show them; how far one is stands in its summary. */
export function runRoutes(): DeskRoute[] {
  return [
    looking({
      path: '/runs',
      scopes: ['agents:read'],
      query: listQuery,
      async handle({ house, query: { limit, offset, ...filter } }) {
        const page = await listRuns(house, filter, pageAsked({ limit, offset }));
        const agents = await namesOf(
          house,
          page.rows.map(({ agent_id }) => agent_id),
        );
        return { ...pagedResult('runs', page), agent_names: agents };
      },
    }),
    looking({
      path: '/runs/:id',
      scopes: ['agents:read'],
      query: oneQuery,
      async handle({ house, params: { id: run_id = '' }, query: { contact_id, limit = RESULTS, offset } }) {
        const reading = await getRun(house, { run_id, mode: 'full', contact_id }, pageAsked({ limit, offset }));
        return { ...reading, agent_names: await namesOf(house, [reading.run.agent_id]) };
      },
    }),
  ];
}

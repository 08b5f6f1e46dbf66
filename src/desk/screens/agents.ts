import { z } from 'zod';
import { AGENT_STATUSES } from '../../domain/agents/agent.ts';
import { getAgent, listAgents } from '../../engine/agents/read.ts';
import { figuresOf } from '../../engine/history/figures.ts';
import { agentInsights } from '../../engine/learning/insights.ts';
import { pagedResult } from '../../mcp/pages.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { pageAsked, screenPage } from './pages.ts';

const listQuery = z.strictObject({
  status: z.enum(AGENT_STATUSES).optional(),
  query: z.string().max(200).optional(),
  ...screenPage,
});
const oneQuery = z.strictObject({
  version: z.int().min(1).optional(),
  days: z.enum(['7', '30', '90']).optional(),
});

/** Agents, as list_agents and get_agent show them, with their insights, and figures to draw beside those of before. */
export function agentRoutes(): DeskRoute[] {
  return [
    looking({
      path: '/agents',
      scopes: ['agents:read'],
      query: listQuery,
      async handle({ house, query: { limit, offset, ...filter } }) {
        return pagedResult('agents', await listAgents(house, filter, pageAsked({ limit, offset })));
      },
    }),
    looking({
      path: '/agents/:id',
      scopes: ['agents:read'],
      query: oneQuery,
      async handle({ house, params: { id = '' }, query: { version, days = '30' } }) {
        const shown = await getAgent(house, id, version);
        const figures = await figuresOf(house, shown.agent.id, Number(days));
        return { ...shown, figures, insights: await agentInsights(house, shown.agent.id, days) };
      },
    }),
  ];
}

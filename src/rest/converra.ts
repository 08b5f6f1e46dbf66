import { z } from 'zod';
import { AGENT_STATUSES } from '../domain/agents/agent.ts';
import { converraAnswer, converraApi } from '../domain/dialects/converra.ts';
import { PERIODS } from '../domain/learning/period.ts';
import { routesOfAnAgent } from './agent-routes.ts';
import { storedAgents, toldBeside } from './agents.ts';
import type { AgentApi } from './base/api-mount.ts';
import { type Route, reading } from './base/route.ts';
import { agentStatusShape, insightsOf, insightsShape, statusOfAgent } from './converra-figures.ts';

const NOTHING = z.strictObject({});
const listQuery = z.strictObject({
  limit: z.int().min(1).max(100).default(20),
  offset: z.int().min(0).default(0),
  /** Tags between commas: all of them must be there. */
  tags: z.string().max(2000).exactOptional(),
  status: z.enum(AGENT_STATUSES).exactOptional(),
});

function agentAnswer() {
  const shape = converraApi.answer ?? NOTHING;
  return shape.extend({ warnings: z.array(z.string()).exactOptional(), change_id: z.string().exactOptional() });
}

function tagsIn(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()]));
}

const AGENTS: readonly Route[] = [
  reading({
    method: 'GET',
    path: '/agents',
    summary: 'List agents',
    tool: 'list_agents',
    scope: 'agents:read',
    query: listQuery,
    answers: {
      200: () =>
        z.strictObject({
          data: z.array(converraApi.answer ?? NOTHING),
          pagination: z.strictObject({ total: z.int(), limit: z.int(), offset: z.int() }),
        }),
    },
    async handle({ house, query: { limit, offset, tags, status } }) {
      const { rows, total } = await storedAgents(house, { tags: tagsIn(tags), status }, { limit, offset });
      return { status: 200, body: { data: rows.map(converraAnswer), pagination: { total, limit, offset } } };
    },
  }),
  ...routesOfAnAgent(converraApi, {
    shape: agentAnswer,
    body: (_house, saved) => ({ ...converraAnswer(saved.agent), ...toldBeside(saved) }),
    deleted: {
      shape: () => z.strictObject({ success: z.literal(true), message: z.string() }),
      body: { success: true, message: 'Agent deleted' },
    },
  }),
];

const FIGURES: readonly Route[] = [
  reading({
    method: 'GET',
    path: '/agents/:id/status',
    summary: 'Get the status of an agent, with the figures that are known',
    scope: 'agents:read',
    query: NOTHING,
    answers: { 200: agentStatusShape },
    handle: async ({ house, params: { id = '' } }) => ({ status: 200, body: await statusOfAgent(house, id) }),
  }),
  reading({
    method: 'GET',
    path: '/agents/:id/insights',
    summary: 'Get what an agent did in a period, by its conversations and what was rejected',
    scope: 'agents:read',
    query: z.strictObject({ days: z.enum(PERIODS).default('30') }),
    answers: { 200: insightsShape },
    handle: async ({ house, params: { id = '' }, query: { days } }) => ({
      status: 200,
      body: await insightsOf(house, id, days),
    }),
  }),
];

/** The body of every error of Converra's. */
function converraError() {
  const error = z.strictObject({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).exactOptional(),
  });
  return z.strictObject({ error });
}

/** Converra's agents, as its documentation has them. */
export const converraRest: AgentApi = {
  name: 'converra',
  title: 'Converra',
  prefixes: ['/converra/api/v1', '/api/v1'],
  scheme: 'Bearer',
  routes: [...AGENTS, ...FIGURES],
  neighbours: ['/conversations', '/optimizations', '/usage', '/webhooks'],
  errorBody: ({ code, message, details }) => ({
    error: { code, message, ...(details === undefined ? {} : { details }) },
  }),
  errorShape: converraError,
};

import { z } from 'zod';
import { VISIBILITIES } from '../domain/agents/agent.ts';
import { talkifaiAnswer, talkifaiApi, talkifaiRow, talkifaiRowShape } from '../domain/dialects/talkifai.ts';
import { routesOfAnAgent } from './agent-routes.ts';
import { storedAgents, toldBeside } from './agents.ts';
import type { AgentApi } from './base/api-mount.ts';
import { type Route, reading } from './base/route.ts';

const listQuery = z.strictObject({
  mode: z.enum(VISIBILITIES).exactOptional(),
  page: z.int().min(1).max(1_000_000).default(1),
  limit: z.int().min(1).max(100).default(20),
});

function oneShape() {
  return z.strictObject({
    success: z.literal(true),
    data: talkifaiApi.answer ?? talkifaiRowShape,
    warnings: z.array(z.string()).exactOptional(),
    change_id: z.string().exactOptional(),
  });
}

const AGENTS: readonly Route[] = [
  reading({
    method: 'GET',
    path: '/agents',
    summary: 'List all agents',
    tool: 'list_agents',
    scope: 'agents:read',
    query: listQuery,
    answers: {
      200: () =>
        z.strictObject({
          success: z.literal(true),
          data: z.array(talkifaiRowShape),
          pagination: z.strictObject({ page: z.int(), total: z.int(), hasNext: z.boolean() }),
        }),
    },
    async handle({ house, query: { mode, page, limit } }) {
      const offset = (page - 1) * limit;
      const { rows, total } = await storedAgents(house, { visibility: mode }, { limit, offset });
      const pagination = { page, total, hasNext: offset + rows.length < total };
      return { status: 200, body: { success: true, data: rows.map(talkifaiRow), pagination } };
    },
  }),
  ...routesOfAnAgent(talkifaiApi, {
    shape: oneShape,
    body: (_house, saved) => ({ success: true, data: talkifaiAnswer(saved.agent), ...toldBeside(saved) }),
    deleted: {
      shape: () => z.strictObject({ success: z.literal(true), data: z.strictObject({ message: z.string() }) }),
      body: { success: true, data: { message: 'Agent deleted successfully' } },
    },
  }),
];

/** The body of every error of TalkifAI's. */
function talkifaiError() {
  return z.strictObject({ success: z.literal(false), error: z.string(), code: z.string() });
}

/** TalkifAI's agents, as its documentation has them. */
export const talkifaiRest: AgentApi = {
  name: 'talkifai',
  title: 'TalkifAI',
  prefixes: ['/talkifai/v1'],
  scheme: 'Bearer',
  routes: AGENTS,
  neighbours: ['/chat', '/calls', '/functions', '/webhooks'],
  errorBody: ({ code, message }) => ({ success: false, error: message, code }),
  errorShape: talkifaiError,
};

import { z } from 'zod';
import { pathboundAnswer, pathboundApi } from '../domain/dialects/pathbound.ts';
import { getAgent } from '../engine/agents/read.ts';
import { shownAgents } from '../engine/agents/shown-agent.ts';
import { agentShape } from '../engine/base/shown/agent.ts';
import { textAnswer } from '../http/answers.ts';
import { routesOfAnAgent } from './agent-routes.ts';
import { toldBeside } from './agents.ts';
import type { AgentApi } from './base/api-mount.ts';
import { createRemembered, type Remembered } from './base/remembered.ts';
import { type RestAsked, type Route, reading } from './base/route.ts';
import { pathboundRuns } from './pathbound-runs.ts';
import { errorDetails, pageQuery, pathboundError, SUCCESS } from './pathbound-shapes.ts';
import type { Readings } from './readings.ts';

const listQuery = z.strictObject({
  enabled: z.boolean().exactOptional(),
  playbook_template: z.string().exactOptional(),
  ...pageQuery,
});

/** An agent: ours, and its id under Pathbound's name too. */
function agentAnswer() {
  return agentShape().extend({ _id: z.string() });
}

function oneShape() {
  return z.strictObject({
    status: z.literal('success'),
    agent: agentAnswer(),
    warnings: z.array(z.string()).exactOptional(),
    change_id: z.string().exactOptional(),
  });
}

type ListAsked = RestAsked<z.infer<typeof listQuery>, unknown>;

/** A page of agents as text, and until when it is right: until one of them fires next. */
async function listedText({ house, query: { limit, offset, ...query } }: ListAsked) {
  const { rows, total } = await shownAgents(house, query, { limit, offset });
  const firings = rows.map(({ next_firing }) =>
    next_firing === null ? Number.POSITIVE_INFINITY : Date.parse(next_firing),
  );
  const text = JSON.stringify({ ...SUCCESS, agents: rows.map(pathboundAnswer), total, limit, offset });
  return { text, until: Math.min(Number.POSITIVE_INFINITY, ...firings) };
}

function listRoute(remembered: Remembered): Route {
  return reading({
    method: 'GET',
    path: '/agents',
    summary: 'List agents',
    tool: 'list_agents',
    scope: 'agents:read',
    query: listQuery,
    answers: {
      200: () =>
        z.strictObject({
          status: z.literal('success'),
          agents: z.array(agentAnswer()),
          total: z.int(),
          limit: z.int(),
          offset: z.int(),
        }),
    },
    async handle(asked) {
      // What one sees depends on who one is in the team, and on nothing else of the token.
      const { id, role, team } = asked.by.member ?? {};
      const key = JSON.stringify([id, role, team, asked.query]);
      return textAnswer(200, await remembered(asked.house, key, () => listedText(asked)));
    },
  });
}

const AGENTS: readonly Route[] = routesOfAnAgent(pathboundApi, {
  shape: oneShape,
  read: (house, id) => getAgent(house, id, undefined),
  async body(house, saved) {
    const { agent } = await getAgent(house, saved.agent.id, undefined);
    return { ...SUCCESS, agent: pathboundAnswer(agent), ...toldBeside(saved) };
  },
  deleted: { shape: () => z.strictObject({ status: z.literal('success') }), body: SUCCESS },
});

/** Pathbound's API, as its documentation has it: agents, their runs, and decisions on what they propose. */
export function pathboundRest(readings: Readings, now: () => Date): AgentApi {
  return {
    name: 'pathbound',
    title: 'Pathbound',
    prefixes: ['/pathbound/v1'],
    scheme: 'Bearer',
    routes: [listRoute(createRemembered(now)), ...AGENTS, ...pathboundRuns(readings)],
    neighbours: ['/contacts', '/companies', '/identities', '/events', '/segments', '/batch', '/actions'],
    errorBody: ({ message, details }) => ({
      status: 'error',
      error: message,
      details: errorDetails(details),
      timestamp: now().toISOString(),
    }),
    errorShape: pathboundError,
  };
}

import { z } from 'zod';
import { AppError } from '../domain/base/errors.ts';
import { isObject } from '../domain/base/json.ts';
import { makeAnswer, makeApi, makeRow, makeRowShape } from '../domain/dialects/make.ts';
import { ALL } from '../domain/state/queries.ts';
import type { Streams } from '../http/streams.ts';
import { makeAgent, patchAgent, removeAgent, storedAgent, storedAgents, toldBeside, warningHeader } from './agents.ts';
import type { AgentApi } from './base/api-mount.ts';
import { type RawAsked, type Route, reading, taking, takingWhole } from './base/route.ts';
import { makeRunRoutes } from './make-run.ts';
import { agentIdFrom, makeError, makeErrorBody, teamQuery } from './make-shapes.ts';

function agentAnswer() {
  return (makeApi.answer ?? makeRowShape).extend({ warnings: z.array(z.string()).exactOptional() });
}

function demandTeam(team: unknown, own: number): void {
  if (typeof team !== 'number' || team === own) return;
  throw new AppError(
    'FORBIDDEN',
    `This token is of team ${own}, so it may not see or change anything of team ${team}. Give teamId ${own}.`,
    { teamId: 'another team' },
  );
}

/** The team of whoever calls: 1 for the home's owner. */
function teamOf({ by }: Pick<RawAsked, 'by'>): number {
  return by.member?.team ?? 1;
}

const AGENTS: readonly Route[] = [
  reading({
    method: 'GET',
    path: '/agents',
    summary: 'Get agents',
    tool: 'list_agents',
    scope: 'agents:read',
    query: teamQuery,
    answers: { 200: () => z.array(makeRowShape) },
    async handle({ house, query: { teamId } }) {
      const { rows } = await storedAgents(house, {}, ALL);
      return { status: 200, body: rows.map((agent) => ({ ...makeRow(agent), teamId })) };
    },
  }),
  takingWhole({
    method: 'POST',
    path: '/agents',
    summary: 'Create an agent',
    tool: 'create_agent',
    scope: 'agents:write',
    query: teamQuery,
    body: makeApi.create,
    answers: { 201: agentAnswer },
    async handle(asked) {
      const saved = await makeAgent(asked, makeApi, asked.body);
      return { status: 201, body: { ...makeAnswer(saved.agent), ...toldBeside(saved) } };
    },
  }),
  reading({
    method: 'GET',
    path: '/agents/:agentId',
    summary: 'Get an agent by its id',
    tool: 'get_agent',
    scope: 'agents:read',
    query: teamQuery,
    answers: { 200: agentAnswer },
    async handle({ house, params, query: { teamId } }) {
      return { status: 200, body: { ...makeAnswer(await storedAgent(house, agentIdFrom(params))), teamId } };
    },
  }),
  takingWhole({
    method: 'PATCH',
    path: '/agents/:agentId',
    summary: 'Modify an agent',
    tool: 'update_agent',
    scope: 'agents:write',
    query: teamQuery,
    body: makeApi.patch,
    answers: { 204: null },
    async handle(asked) {
      const { warnings } = await patchAgent(asked, makeApi, agentIdFrom(asked.params), asked.body);
      return { status: 204, headers: warningHeader(warnings) };
    },
  }),
  taking({
    method: 'DELETE',
    path: '/agents/:agentId',
    summary: 'Delete an agent',
    tool: 'delete_agent',
    scope: 'agents:write',
    query: teamQuery,
    body: z.strictObject({}),
    isOptional: true,
    answers: { 204: null },
    async handle(asked) {
      await removeAgent(asked, agentIdFrom(asked.params));
      return { status: 204 };
    },
  }),
];

/** Make's AI agents, as its documentation has them. */
export function makeRest(streams: Streams): AgentApi {
  return {
    name: 'make',
    title: 'Make',
    prefixes: ['/make/ai-agents/v1', '/ai-agents/v1'],
    scheme: 'Token',
    routes: [...AGENTS, ...makeRunRoutes(streams)],
    neighbours: ['/contexts'],
    errorBody: makeErrorBody,
    errorShape: makeError,
    demand(asked) {
      const given = asked.query.get('teamId');
      if (given !== null && /^-?\d{1,15}$/.test(given)) demandTeam(Number(given), teamOf(asked));
      if (isObject(asked.body)) demandTeam(asked.body.teamId, teamOf(asked));
    },
  };
}

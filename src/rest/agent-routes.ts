import { z } from 'zod';
import type { AgentDialect } from '../domain/dialects/mapping/dialect.ts';
import type { House } from '../engine/base/house.ts';
import { makeAgent, patchAgent, type RestSaved, removeAgent, storedAgent } from './agents.ts';
import { type Route, reading, taking, takingWhole } from './base/route.ts';

const NOTHING = z.strictObject({});

/** What an API answers about one agent. */
export type AgentAnswers = {
  shape: () => z.ZodType;
  /** The body about an agent that was made, read or changed. */
  body: (house: House, saved: RestSaved) => unknown;
  /** Reads an agent, where an API tells more of it than what is stored. */
  read?: (house: House, id: string) => Promise<RestSaved>;
  deleted: { shape: () => z.ZodType; body: Record<string, unknown> };
};

/** The routes by which one agent is made, read, changed and deleted, as most products have them. */
export function routesOfAnAgent(dialect: AgentDialect, { shape, body, read, deleted }: AgentAnswers): Route[] {
  const write = { scope: 'agents:write' as const, query: NOTHING };
  const one = { path: '/agents/:id' };
  const readOne = read ?? (async (house, id) => ({ agent: await storedAgent(house, id), warnings: [] }));
  return [
    takingWhole({
      ...{ ...write, method: 'POST', path: '/agents', summary: 'Create an agent', tool: 'create_agent' },
      body: dialect.create,
      answers: { 201: shape },
      handle: async (asked) => ({
        status: 201,
        body: await body(asked.house, await makeAgent(asked, dialect, asked.body)),
      }),
    }),
    reading({
      ...{ ...one, method: 'GET', summary: 'Get an agent', tool: 'get_agent', scope: 'agents:read', query: NOTHING },
      answers: { 200: shape },
      async handle({ house, inWords, params: { id = '' } }) {
        const found = await readOne(house, id);
        return { status: 200, body: await body(house, { ...found, warnings: found.warnings.map(inWords) }) };
      },
    }),
    takingWhole({
      ...{ ...write, ...one, method: 'PATCH', tool: 'update_agent' },
      summary: 'Update an agent: only the fields that are sent',
      body: dialect.patch,
      answers: { 200: shape },
      async handle(asked) {
        const saved = await patchAgent(asked, dialect, asked.params.id ?? '', asked.body);
        return { status: 200, body: await body(asked.house, saved) };
      },
    }),
    taking({
      ...{ ...write, ...one, method: 'DELETE', summary: 'Delete an agent and its runs', tool: 'delete_agent' },
      body: NOTHING,
      isOptional: true,
      answers: { 200: deleted.shape },
      async handle(asked) {
        await removeAgent(asked, asked.params.id ?? '');
        return { status: 200, body: deleted.body };
      },
    }),
  ];
}

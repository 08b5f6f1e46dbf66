import type { Agent, AgentChanges, AgentInput } from '../domain/agents/agent.ts';
import { AppError, notFound } from '../domain/base/errors.ts';
import { canonical, isObject } from '../domain/base/json.ts';
import { readAgent, readChanges, toldIgnored } from '../domain/dialects/mapping/body.ts';
import type { AgentDialect, BodyRead } from '../domain/dialects/mapping/dialect.ts';
import { originOf, patchedOrigin } from '../domain/dialects/mapping/origin.ts';
import { inWordsOf } from '../domain/dialects/mapping/soundness.ts';
import type { KeptCall } from '../domain/state/kept-change.ts';
import type { AgentQuery, Page, Rows } from '../domain/state/queries.ts';
import { currentAgent } from '../domain/state/view.ts';
import { shortened } from '../domain/text/shortened.ts';
import { deleteAgent } from '../engine/agents/delete.ts';
import { createAgent, updateAgent } from '../engine/agents/save.ts';
import type { House } from '../engine/base/house.ts';
import { findAgent } from '../engine/base/lookup.ts';
import type { ProofLevel } from '../engine/gate/proof.ts';
import { withConsent } from '../mcp/forms/consent.ts';
import { NOBODY } from '../mcp/forms/prove.ts';
import type { RestAsked } from './base/route.ts';

type AgentCaller = Pick<RestAsked<unknown, unknown>, 'house' | 'by' | 'signal' | 'inWords'>;
/** A saved agent, and what has to be told beside it. `change_id`: what asks a person for its permission to act unasked. */
export type RestSaved = { agent: Agent; warnings: string[]; change_id?: string };

/** How often an update is read again, because somebody else changed the agent meanwhile. */
const MOST_TRIES = 5;

/**
 * Makes a call that may need a person. There is nobody to draw a form here: what needs more than a plain call is kept among
 * the changes that wait, and refused.
 */
function withoutForm<T>(
  { house, by, signal }: AgentCaller,
  call: KeptCall,
  make: (house: House, via?: ProofLevel) => Promise<T>,
): Promise<T> {
  return withConsent({ house, by, signal, asking: NOBODY }, call, make);
}

/** Does the work, and says what is wrong with an agent in the words of the dialect. */
async function inWords<T>({ pairs }: AgentDialect, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw inWordsOf(error, pairs);
    throw error;
  }
}

/** Whether the sender that a body names is here. */
async function identitiesIn(house: House, body: unknown): Promise<(id: string) => boolean> {
  const wanted = isObject(body) && typeof body.identity_id === 'string' ? body.identity_id : '';
  const isHere = await house.read((view) => view.identity(wanted) !== undefined);
  return (id) => id === wanted && isHere;
}

/** An agent as it is stored, by its id or its name. */
export function storedAgent(house: House, id: string): Promise<Agent> {
  return house.read((view) => findAgent(view, id));
}

/** The newest versions of agents, newest agent first, and how many a query finds in all. */
export function storedAgents(house: House, query: AgentQuery, page: Page): Promise<Rows<Agent>> {
  return house.read((view) => {
    const { rows, total } = view.find.agents(query, page);
    return { rows: rows.flatMap(({ id }) => currentAgent(view, id) ?? []), total };
  });
}

async function savedAs(
  house: House,
  id: string,
  warnings: string[],
  change: { change_id?: string },
): Promise<RestSaved> {
  const agent = await house.read((view) => currentAgent(view, id));
  if (!agent) throw notFound(`Agent ${id} was deleted meanwhile.`);
  return { agent, warnings, ...change };
}

/** A saved agent, and beside it what the body asked in vain, all in the words of the API. */
function toldBy(
  { inWords }: AgentCaller,
  dialect: AgentDialect,
  given: Parameters<typeof toldIgnored>[1],
  saved: RestSaved,
): RestSaved {
  const warnings = [...toldIgnored(dialect, given, saved.agent), ...saved.warnings];
  return { ...saved, warnings: warnings.map(inWords) };
}

function changeIn({ change_id }: { change_id?: string }): { change_id?: string } {
  return change_id === undefined ? {} : { change_id };
}

/** Makes an agent of a body of `POST`. */
export function makeAgent(caller: AgentCaller, dialect: AgentDialect, body: unknown): Promise<RestSaved> {
  return inWords(dialect, async () => {
    const { house, by } = caller;
    const reading = readAgent(dialect, body, 'create', { hasIdentity: await identitiesIn(house, body) });
    const { active = dialect.isBornActive } = reading;
    const input: AgentInput = { ...reading.fields, ...(active ? { status: 'active' } : {}) };
    const origin = originOf(dialect, reading);
    const saved = await withoutForm(caller, { tool: 'create_agent', input, origin }, (as, via) =>
      createAgent(as, by, input, { via, origin }),
    );
    const told = [...reading.warnings, ...saved.warnings];
    const made = await savedAs(house, saved.agent.id, told, changeIn(saved));
    return toldBy(caller, dialect, { body, use: 'create' }, made);
  });
}

function changesOf({ fields, active }: BodyRead<AgentChanges>): AgentChanges {
  return active === undefined ? fields : { ...fields, enabled: active };
}

async function patchOnce(caller: AgentCaller, dialect: AgentDialect, id: string, body: unknown): Promise<RestSaved> {
  const { house, by } = caller;
  const before = await storedAgent(house, id);
  const reading = readChanges(dialect, body, { hasIdentity: await identitiesIn(house, body), before });
  const { origin, warnings } = patchedOrigin(dialect, before, reading);
  const told = [...reading.warnings, ...warnings];
  const changes = changesOf(reading);
  const isSameOrigin = canonical(origin ?? null) === canonical(before.origin ?? null);
  if (Object.keys(changes).length + reading.clear.length === 0 && isSameOrigin)
    return { agent: before, warnings: told };
  const update = {
    changes,
    clear: reading.clear,
    ...(isSameOrigin ? {} : { origin }),
    // What a body means depends on the agent that it was read for.
    expected_version: before.version,
  };
  const saved = await withoutForm(caller, { tool: 'update_agent', agent_id: before.id, update }, (as, via) =>
    updateAgent(as, by, before.id, { ...update, via }),
  );
  return savedAs(house, before.id, [...told, ...saved.warnings], changeIn(saved));
}

function isOutrun(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CONFLICT' && typeof error.details?.version === 'number';
}

/** Changes an agent by a body of `PATCH`. A body that changes nothing makes no version. */
export function patchAgent(caller: AgentCaller, dialect: AgentDialect, id: string, body: unknown): Promise<RestSaved> {
  return inWords(dialect, async () => {
    for (let tries = 1; ; tries++) {
      try {
        const saved = await patchOnce(caller, dialect, id, body);
        return toldBy(caller, dialect, { body, use: 'patch' }, saved);
      } catch (error) {
        if (!isOutrun(error) || tries === MOST_TRIES) throw error;
      }
    }
  });
}

/** Deletes an agent and its runs. */
export async function removeAgent(caller: AgentCaller, idOrName: string): Promise<void> {
  const { house, by } = caller;
  const { id } = await storedAgent(house, idOrName);
  await withoutForm(caller, { tool: 'delete_agent', agent_id: id }, (as, via) => deleteAgent(as, by, id, via));
}

/** What has to be told beside an agent; nothing where there is nothing. */
export function toldBeside({ warnings, change_id }: Omit<RestSaved, 'agent'>): Record<string, unknown> {
  return {
    ...(warnings.length > 0 ? { warnings } : {}),
    ...changeIn(change_id === undefined ? {} : { change_id }),
  };
}

/** Warnings of an answer that has no body (RFC 7234, 5.5), in ASCII. */
export function warningHeader(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const quoted = warnings.map((text) => JSON.stringify(shortened(text, 500).replace(/[^\x20-\x7e]/g, '?')));
  return {
    warning: quoted
      .slice(0, 5)
      .map((text) => `299 - ${text}`)
      .join(', '),
  };
}

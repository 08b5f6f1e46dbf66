import type { Agent } from '../../domain/agents/agent.ts';
import type { Ownership } from '../../domain/agents/audience.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import {
  agentSettings,
  differences,
  identitySettings,
  mandateDigest,
  mandateOf,
  type Values,
} from '../../domain/agents/mandate.ts';
import { digest } from '../../domain/base/digest.ts';
import type { KeptCall, WantedGrant } from '../../domain/state/kept-change.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { type CronProblem, checkAgent } from '../agents/check.ts';
import { checkedIdentity } from '../agents/check-identity.ts';
import { demandSettled } from '../agents/delete.ts';
import { madeAgent } from '../agents/fields.ts';
import { namesSeen } from '../agents/identities.ts';
import { updated } from '../agents/save.ts';
import { type Want, wantOfCreation, wantOfDeletion, wantOfIdentity, wantOfUpdate } from '../agents/wants.ts';
import { earlierUse } from '../base/idempotency.ts';
import { findAgent } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { wantOfImport } from '../contacts/waived-objections.ts';
import { typesToGrant } from '../gate/grant.ts';
import { whatOfGrant } from '../gate/standing.ts';
import { baseNow } from './live.ts';

/** An agent that would act unasked, as it would be, with its sender and what the last permission was for. */
export type Granted = { agent: Agent; identity: Identity | undefined; last: Values | undefined; grant: WantedGrant };

/** What a call would change that needs a person: all that the person is shown, and what the yes is bound to. */
export type ChangePlan = {
  call: KeptCall;
  what: string[];
  /** The agents whose `min_proof` it needs. */
  agents: Agent[];
  base: string;
  before: Values;
  after: Values;
  grants: Granted[];
  /** The call is made without a person, too, but then the agent may not act unasked. */
  isOptional?: true;
  agent_id?: string;
  identity_id?: string;
  /** The agents by name, where whoever is asked may not see all of them. */
  names?: string[];
};

/** `asker`: whose an agent would be that the call makes. */
type PlanTerms = { view: View; moment: Moment; cronProblem: CronProblem; asker: Ownership };
type KeptAs<T extends KeptCall['tool']> = Extract<KeptCall, { tool: T }>;

function granted(view: View, agent: Agent): Granted {
  const identity = agent.identity_id === undefined ? undefined : view.identity(agent.identity_id);
  const grant = { agent_id: agent.id, digest: mandateDigest(mandateOf(agent, identity)) };
  return { agent, identity, last: view.standing(agent.id)?.last?.mandate, grant };
}

/** The permission for agents as they are, and nothing else. */
function planOfGrant({ view }: Pick<PlanTerms, 'view'>, grants: readonly WantedGrant[]): ChangePlan {
  const agents = grants.flatMap(({ agent_id }) => currentAgent(view, agent_id) ?? []);
  const wanted = agents.map((agent) => granted(view, agent));
  const [only, ...others] = agents;
  const moved =
    wanted.length === 1
      ? wanted.map(({ agent, identity, last }) => differences(last ?? {}, mandateOf(agent, identity)))
      : [];
  return {
    call: { tool: 'grant', grants: wanted.map(({ grant }) => grant) },
    what: agents.map((agent) => whatOfGrant(agent, typesToGrant(agent))),
    agents,
    base: 'nothing',
    ...(moved[0] ?? { before: {}, after: {} }),
    grants: wanted,
    ...(only && others.length === 0 ? { agent_id: only.id } : {}),
  };
}

function planOfUpdate({ view, moment, cronProblem }: PlanTerms, call: KeptAs<'update_agent'>): ChangePlan | undefined {
  const before = findAgent(view, call.agent_id);
  const after = updated(view, before, call.update, { ...moment, cronProblem });
  const want = wantOfUpdate(view, moment, { before, after }, call.update);
  if (!want) return undefined;
  const moved = differences(agentSettings(before), agentSettings(after));
  const wanted = want.grants ? [granted(view, after)] : [];
  const isGrantAlone = want.grants && want.what.length === 1;
  // An update that changes nothing but asks for the permission is the same as the permission that may wait already.
  if (isGrantAlone && Object.keys({ ...moved.before, ...moved.after }).length === 0)
    return planOfGrant(
      { view },
      wanted.map(({ grant }) => grant),
    );
  const base = baseNow(view, isGrantAlone ? 'mandate' : 'version', before.id) ?? '';
  return {
    ...parts(want),
    call: { ...call, agent_id: before.id },
    base,
    ...moved,
    grants: wanted,
    agent_id: before.id,
  };
}

function parts({ what, agents }: Want): Pick<ChangePlan, 'what' | 'agents'> {
  return { what, agents };
}

function planOfCreation(
  { view, moment, cronProblem, asker }: PlanTerms,
  call: KeptAs<'create_agent'>,
): ChangePlan | undefined {
  if (earlierUse(view, { owner: asker.owner, tool: 'create_agent', key: call.key }, call.input)) return undefined;
  const { agent } = madeAgent(call.input, call, { id: '', by: '', at: moment.at, ...asker });
  checkAgent(agent, view, moment.env, { cronProblem });
  const want = wantOfCreation(agent, moment);
  const types = call.imported ? [] : typesToGrant(agent);
  const grants = types.length > 0 ? [granted(view, agent)] : [];
  const what = [...(want?.what ?? []), ...(types.length > 0 ? [whatOfGrant(agent, types)] : [])];
  if (what.length === 0) return undefined;
  const optional = want ? {} : { isOptional: true as const };
  return { call, what, agents: [agent], base: 'nothing', before: {}, after: agentSettings(agent), grants, ...optional };
}

function planOfDeletion({ view }: PlanTerms, call: KeptAs<'delete_agent'>): ChangePlan | undefined {
  const agent = findAgent(view, call.agent_id);
  demandSettled(view, agent);
  const want = wantOfDeletion(agent);
  if (!want) return undefined;
  const base = baseNow(view, 'version', agent.id) ?? '';
  const before = { name: agent.name, 'approval.min_proof': agent.approval.min_proof };
  const deletion = { ...call, agent_id: agent.id };
  return { ...parts(want), call: deletion, base, before, after: {}, grants: [], agent_id: agent.id };
}

function planOfIdentity({ view, moment }: PlanTerms, given: KeptAs<'save_identity'>): ChangePlan | undefined {
  const call = { ...given, args: checkedIdentity(given.args, moment.env) };
  const { identity_id, ...sender } = call.args;
  const want = wantOfIdentity(view, call.args);
  if (!want || identity_id === undefined) return undefined;
  const named = (values: Values) =>
    Object.fromEntries(Object.entries(values).map(([path, value]) => [`identity.${path}`, value]));
  const moved = differences(identitySettings(view.identity(identity_id) ?? {}), identitySettings(sender));
  const base = baseNow(view, 'identity', identity_id) ?? '';
  const [before, after] = [named(moved.before), named(moved.after)];
  const names = namesSeen(view, want.agents);
  return { ...parts(want), call, base, before, after, grants: [], identity_id, names };
}

function planOfImport({ view, moment }: PlanTerms, call: KeptAs<'import_contacts'>): ChangePlan | undefined {
  const want = wantOfImport(view, moment, call);
  if (!want) return undefined;
  const byColumn = (words: string) =>
    Object.fromEntries(
      Object.entries(call.objections).map(([column, count]) => [`columns.${column}`, `${count} of its rows ${words}`]),
    );
  const [before, after] = [
    byColumn('object: no email to these people'),
    byColumn('object: emails to them all the same'),
  ];
  return { ...parts(want), call, base: 'nothing', before, after, grants: [] };
}

/**
 * What a call would change that needs a person; undefined where nothing does. For `create_agent` that includes what the
 * agent would do unasked, although the agent is made without that, too.
 *
 * @throws AppError as the call itself would, where it can't be done at all
 */
export function planOf(terms: PlanTerms, call: KeptCall): ChangePlan | undefined {
  switch (call.tool) {
    case 'grant':
      return planOfGrant(terms, call.grants);
    case 'create_agent':
      return planOfCreation(terms, call);
    case 'update_agent':
      return planOfUpdate(terms, call);
    case 'delete_agent':
      return planOfDeletion(terms, call);
    case 'save_identity':
      return planOfIdentity(terms, call);
    case 'import_contacts':
      return planOfImport(terms, call);
  }
}

/** What a yes to a plan is for, as a digest. */
export function shownDigest({ call, what, base, before, after, grants }: ChangePlan): string {
  return digest([call, what, base, before, after, grants.map(({ grant }) => grant.digest)]);
}

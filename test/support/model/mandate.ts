import type { ProofLevel } from '../../../src/engine/gate/proof.ts';
import { LEVELS } from './gate.ts';
import { type Agent, CAPABILITY, type Settings, type State, type Type } from './state.ts';

const WEEK = 7 * 86_400_000;

/** Everything that decides what an agent does unasked. */
export function mandate({ status: _s, min_proof: _m, expires_after_hours: _e, ...rest }: Settings): string {
  return JSON.stringify({
    ...rest,
    capabilities: [...rest.capabilities].sort(),
    auto_approve: [...rest.auto_approve].sort(),
  });
}

/** What an agent would do unasked that a person has to allow. */
function toAllow({ auto_approve, capabilities }: Settings): Type[] {
  return auto_approve.filter((type) => type !== 'note' && capabilities.includes(CAPABILITY[type]));
}

function isLower(after: Settings, before: Settings): boolean {
  return LEVELS.indexOf(after.min_proof ?? 'client') < LEVELS.indexOf(before.min_proof ?? 'client');
}

/** Whether webhooks that may still happen would go elsewhere. */
function movesHooks(state: State, agent: Agent, after: Settings): boolean {
  const isOpen = state.open.some((action) => action.run.agent === agent && action.type === 'webhook');
  const isFailed = state
    .actions()
    .some((action) => action.run.agent === agent && action.type === 'webhook' && action.status === 'failed');
  return after.hook !== agent.settings.hook && (isOpen || isFailed);
}

type Change = { after: Settings; namesApproval: boolean };

/** Whether a change asks for the permission to act unasked as the agent then would. */
function asksPermission(agent: Agent, { after, namesApproval }: Change): boolean {
  const [was, is] = [toAllow(agent.settings), toAllow(after)];
  if (!namesApproval || is.length === 0 || agent.granted === mandate(after)) return false;
  const isLess = is.length < was.length && is.every((type) => was.includes(type));
  return !(isLess && agent.granted === mandate(agent.settings));
}

/** Whether a change needs a person. */
export function needsPerson(state: State, agent: Agent, change: Change): boolean {
  const { after } = change;
  return asksPermission(agent, change) || isLower(after, agent.settings) || movesHooks(state, agent, after);
}

/** Whether a proof is enough for a change of an agent: a form at least, and what the agent demands. */
export function isProof(agent: Agent, via: ProofLevel | undefined): boolean {
  const needed = Math.max(LEVELS.indexOf('elicited'), LEVELS.indexOf(agent.settings.min_proof ?? 'client'));
  return via !== undefined && LEVELS.indexOf(via) >= needed;
}

/** What a saved change does to an agent's permission. It is called before the settings are changed. */
export function movePermission(state: State, agent: Agent, change: Change, isNew: boolean): void {
  const { after } = change;
  if (!isNew && asksPermission(agent, change)) {
    agent.granted = mandate(after);
    agent.asked = undefined;
    return;
  }
  const { settings: before } = agent;
  const isRevived = before.status === 'archived' && after.status !== 'archived';
  if (!isNew && !isRevived && !isLower(after, before) && mandate(before) === mandate(after)) return;
  agent.granted = undefined;
  agent.asked = toAllow(after).length > 0 ? state.now : undefined;
}

/** Whether a change that asks for an agent's permission still waits. */
export function isAsked(state: State, { asked }: Agent): boolean {
  return asked !== undefined && state.now < asked + WEEK;
}

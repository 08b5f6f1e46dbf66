import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { digest } from '../../domain/base/digest.ts';
import { averageOf } from '../../domain/base/usage.ts';
import { countedUntil } from '../../domain/state/fold-schedules.ts';
import type { Schedule } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import type { AgentAsShown, FiringAsShown, SavedAgentAsShown } from '../base/shown/agent.ts';
import { modelWarnings } from '../money/model-check.ts';
import { chatWarnings } from './chat-warnings.ts';
import { agentWarnings } from './check.ts';
import { nonsenseWarnings } from './nonsense.ts';
import { standingWarnings, unaskedOf, waitingGrant } from './standing-warnings.ts';

export type ShownAgent = { agent: AgentAsShown; warnings: string[] };
/** An agent and its warnings. `change_id`: the change that asks for its permission to act unasked, where one waits. */
export type SavedAgent = { agent: SavedAgentAsShown; warnings: string[]; change_id?: string };
/** An agent, or one version of it, with all its versions, oldest first; `before` is the version that it replaced. */
export type AgentReading = { agent: Agent; versions: readonly Agent[]; before?: Agent };

/** What an agent shows of its schedule, and the warnings about it. */
type ShownFiring = { shown: FiringAsShown; warnings: string[] };

function warningsOf(agent: Agent, schedule: Schedule | undefined): string[] {
  const { catch_up } = agent.monitoring;
  const missed =
    catch_up === 'once'
      ? 'all missed ticks are made up for by one run as soon as a process is alive again'
      : 'missed ticks are left out, because monitoring.catch_up is "none"';
  const warnings = [
    `monitoring.schedule_cron fires only while a Countersign process is alive, such as the one of a connected client; ${missed}.`,
  ];
  if (agent.status !== 'active')
    warnings.push(
      `monitoring.schedule_cron doesn't fire: the agent is ${agent.status}. Enable it with update_agent {"changes": {"enabled": true}}.`,
    );
  if (effectiveProvider(agent) === 'assistant')
    warnings.push(
      'The provider is assistant, so a scheduled run stays awaiting_evaluation until a connected assistant evaluates it, and ticks are skipped meanwhile.',
    );
  const skip = schedule?.last_skip;
  if (skip && skip.scheduled_for === schedule.counted)
    warnings.push(`The last scheduled run, for ${skip.scheduled_for}, was skipped: ${skip.reason}`);
  return warnings;
}

/** When an agent's schedule fires next, or why it doesn't; its last run and its last skip. */
async function firingOf(house: House, agent: Agent, newest: number): Promise<ShownFiring> {
  const { schedule_cron: cron, timezone } = agent.monitoring;
  const nothing = (reason: string, warnings: string[] = []) => ({
    shown: { next_firing: null, next_firing_reason: reason },
    warnings,
  });
  if (agent.version !== newest) return nothing(`This is version ${agent.version}; version ${newest} is in force.`);
  if (cron === undefined) return nothing('monitoring.schedule_cron is not set.');
  const { schedule, isBraked } = await house.read((view) => ({
    schedule: view.schedule(agent.id),
    isBraked: view.brake().on,
  }));
  const warnings = warningsOf(agent, schedule);
  if (agent.status !== 'active') return nothing(`The agent is ${agent.status}: only active ones fire.`, warnings);
  const { cronProblem, timetableOf } = await import('../../domain/agents/timetable.ts');
  const now = house.deps.now();
  const problem = cronProblem(cron, now, timezone);
  if (problem) return nothing(problem, warnings);
  const counted = schedule ? countedUntil(schedule) : now;
  const next = timetableOf(cron, timezone).next(counted > now ? counted : now);
  const { last_firing, last_skip } = schedule ?? {};
  const why = 'The brake is on: no schedule fires until a person takes it off.';
  if (isBraked) return { shown: { next_firing: null, next_firing_reason: why, last_firing, last_skip }, warnings };
  return { shown: { next_firing: next?.toISOString() ?? null, last_firing, last_skip }, warnings };
}

/** An agent as shown: with the provider that evaluates it, its versions, and when it fires next. */
export async function shownAgent(house: House, { agent, versions, before }: AgentReading): Promise<ShownAgent> {
  const { usage, unasked, standing, identity } = await house.read((view, moment) => ({
    identity: view.identity(agent.identity_id ?? ''),
    usage: view.agentFile(agent.id).usage,
    unasked: unaskedOf(view, agent, moment),
    standing: standingWarnings(view, agent, moment, before),
  }));
  const firing = await firingOf(house, agent, versions.at(-1)?.version ?? agent.version);
  return {
    agent: {
      ...agent,
      approval: { ...agent.approval, unasked },
      llm_config: { ...agent.llm_config, provider: effectiveProvider(agent) },
      effective_provider: effectiveProvider(agent),
      versions: versions.map(({ version, updated_at }) => ({ version, updated_at })).reverse(),
      ...firing.shown,
      ...(usage ? { usage: { ...usage, average_per_contact: averageOf(usage) } } : {}),
    },
    warnings: [
      ...standing,
      ...agentWarnings(agent, house.deps, { identity, before }),
      ...(await house.read((view) => modelWarnings(view, house.deps, agent))),
      ...chatWarnings(agent, house.deps.config),
      ...(await nonsenseWarnings(house, agent)),
      ...firing.warnings,
    ],
  };
}

/**
 * An agent as shown to whoever just saved it: they know the playbook's text, and get_agent has it. With the change that
 * asks for its permission to act unasked, where one waits.
 */
export async function savedAgent(house: House, reading: AgentReading): Promise<SavedAgent> {
  const { agent, warnings } = await shownAgent(house, reading);
  const { playbook } = agent;
  const { playbook_md, rules } = playbook;
  const told = { digest: digest(playbook), characters: playbook_md.length, rules: rules.length };
  const change_id = await house.read((view) => waitingGrant(view, reading.agent.id));
  return { ...(change_id === undefined ? {} : { change_id }), agent: { ...agent, playbook: told }, warnings };
}

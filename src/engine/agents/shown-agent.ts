import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { belongingOf } from '../../domain/agents/audience.ts';
import { shownVoice } from '../../domain/agents/voice.ts';
import { digest } from '../../domain/base/digest.ts';
import { averageOf } from '../../domain/base/usage.ts';
import { countedUntil } from '../../domain/state/fold-schedules.ts';
import type { AgentQuery, Page, Rows } from '../../domain/state/queries.ts';
import type { Schedule } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
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

type Timetables = typeof import('../../domain/agents/timetable.ts');

/** The module that reads timetables: only agents with a schedule need it, and a start that has none doesn't load it. */
function timetables(): Promise<Timetables> {
  return import('../../domain/agents/timetable.ts');
}

/** When an agent's schedule fires next, or why it doesn't; its last run and its last skip. */
function firingIn(
  view: View,
  { now }: Pick<Moment, 'now'>,
  { agent, newest }: { agent: Agent; newest: number },
  known: Timetables | undefined,
): ShownFiring {
  const { schedule_cron: cron, timezone } = agent.monitoring;
  const nothing = (reason: string, warnings: string[] = []) => ({
    shown: { next_firing: null, next_firing_reason: reason },
    warnings,
  });
  if (agent.version !== newest) return nothing(`This is version ${agent.version}; version ${newest} is in force.`);
  if (cron === undefined || !known) return nothing('monitoring.schedule_cron is not set.');
  const schedule = view.schedule(agent.id);
  const warnings = warningsOf(agent, schedule);
  if (agent.status !== 'active') return nothing(`The agent is ${agent.status}: only active ones fire.`, warnings);
  const problem = known.cronProblem(cron, now, timezone);
  if (problem) return nothing(problem, warnings);
  const counted = schedule ? countedUntil(schedule) : now;
  const next = known.timetableOf(cron, timezone).next(counted > now ? counted : now);
  const { last_firing, last_skip } = schedule ?? {};
  const why = 'The brake is on: no schedule fires until a person takes it off.';
  if (view.brake().on)
    return { shown: { next_firing: null, next_firing_reason: why, last_firing, last_skip }, warnings };
  return { shown: { next_firing: next?.toISOString() ?? null, last_firing, last_skip }, warnings };
}

/** An agent as shown, without its warnings: with the provider that evaluates it, its versions, and when it fires next. */
function agentAsShown(
  view: View,
  moment: Moment,
  { agent, versions }: AgentReading,
  known: Timetables | undefined,
): { agent: AgentAsShown; firing: ShownFiring } {
  const newest = versions.at(-1)?.version ?? agent.version;
  const firing = firingIn(view, moment, { agent, newest }, known);
  const { usage } = view.agentFile(agent.id);
  const provider = effectiveProvider(agent);
  const { owner, team } = belongingOf(agent);
  const shown: AgentAsShown = {
    ...agent,
    owner,
    team,
    approval: { ...agent.approval, unasked: unaskedOf(view, agent, moment) },
    llm_config: { ...agent.llm_config, provider },
    voice: shownVoice(agent),
    effective_provider: provider,
    versions: versions.map(({ version, updated_at }) => ({ version, updated_at })).reverse(),
    ...firing.shown,
    ...(usage ? { usage: { ...usage, average_per_contact: averageOf(usage) } } : {}),
  };
  return { agent: shown, firing };
}

/** Agents as `get_agent` shows each, without their warnings. */
export async function shownAgents(house: House, query: AgentQuery, page: Page): Promise<Rows<AgentAsShown>> {
  const known = await timetables();
  return house.read((view, moment) => {
    const { rows, total } = view.find.agents(query, page);
    const shown = rows.flatMap(({ id }) => {
      const { versions } = view.agentFile(id);
      const agent = versions.at(-1);
      return agent ? [agentAsShown(view, moment, { agent, versions }, known).agent] : [];
    });
    return { rows: shown, total };
  });
}

/** An agent as shown: with the provider that evaluates it, its versions, and when it fires next. */
export async function shownAgent(house: House, reading: AgentReading): Promise<ShownAgent> {
  const { agent, before } = reading;
  const known = agent.monitoring.schedule_cron === undefined ? undefined : await timetables();
  const { shown, standing, identity } = await house.read((view, moment) => ({
    shown: agentAsShown(view, moment, reading, known),
    identity: view.identity(agent.identity_id ?? ''),
    standing: standingWarnings(view, agent, moment, before),
  }));
  return {
    agent: shown.agent,
    warnings: [
      ...standing,
      ...agentWarnings(agent, house.deps, { identity, before }),
      ...(await house.read((view) => modelWarnings(view, house.deps, agent))),
      ...chatWarnings(agent, house.deps.config),
      ...(await nonsenseWarnings(house, agent)),
      ...shown.firing.warnings,
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

import type { Agent } from '../agents/agent.ts';
import type { Kind } from './fold.ts';
import type { Schedule } from './state.ts';

/** The last tick that was handled, or the moment since which the schedule counts. */
export function countedUntil(schedule: Schedule): Date {
  return new Date(schedule.counted ?? schedule.since);
}

/**
 * Only an active agent has a schedule. Activating the agent or changing the schedule restarts the counting of ticks.
 */
function foldAgent(state: Map<string, Schedule>, agent: Agent): void {
  const { schedule_cron: cron, timezone } = agent.monitoring;
  if (agent.status !== 'active' || cron === undefined) {
    state.delete(agent.id);
    return;
  }
  const before = state.get(agent.id);
  if (before?.cron === cron && before.timezone === timezone) return;
  state.set(agent.id, { cron, timezone, since: agent.updated_at });
}

export const schedulesKind: Kind<Map<string, Schedule>> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'agent_saved') foldAgent(state, event.agent);
    if (event.type === 'agent_deleted') state.delete(event.agent_id);
    if (event.type !== 'tick_counted') return;
    const before = state.get(event.agent_id);
    if (!before) return;
    const { tick: counted, at, run_id, catch_up, skipped } = event;
    const next: Schedule = { ...before, counted };
    if (run_id) next.last_firing = { scheduled_for: counted, at, run_id, ...(catch_up ? { catch_up } : {}) };
    if (skipped) next.last_skip = { scheduled_for: counted, at, reason: skipped };
    state.set(event.agent_id, next);
  },
};

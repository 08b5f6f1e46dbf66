import { belongingOf } from '../../../domain/agents/audience.ts';
import type { Event } from '../../../domain/state/events.ts';

/** What row-level security goes by: of which team an agent is, and of which agent a run or a conversation. */
export type Belongings = {
  agent_teams: Map<string, { agent_id: string; n: number; team: number }>;
  agent_work: Map<string, Work>;
};
type Work = { kind: 'run' | 'thread'; id: string; n: number; agent_id: string };

/** The commit that brought it first counts, as in the database. */
function noteWork(all: Map<string, Work>, work: Work): void {
  const key = `${work.kind} ${work.id}`;
  if (!all.has(key)) all.set(key, work);
}

/** Takes what an event of commit `n` says of teams. What a deletion takes away keeps its team: its decisions are told on. */
export function noteBelonging({ agent_teams, agent_work }: Belongings, event: Event, n: number): void {
  if (event.type === 'agent_saved') {
    const { id } = event.agent;
    agent_teams.set(id, { agent_id: id, n, team: belongingOf(event.agent).team });
  }
  if (event.type === 'run_created') {
    const { id, agent_id } = event.run;
    noteWork(agent_work, { kind: 'run', id, n, agent_id });
  }
  if (event.type === 'thread_talked') {
    const { thread_id: id, agent_id } = event.thread;
    noteWork(agent_work, { kind: 'thread', id, n, agent_id });
  }
}

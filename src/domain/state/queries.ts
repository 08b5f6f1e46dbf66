import type { Agent } from '../agents/agent.ts';
import type { Thread } from '../agents/thread.ts';
import type { Run, RunStatus } from '../runs/run.ts';
import type { AgentCard, OpenAction } from './state.ts';

/** Which part of a list is wanted. */
export type Page = { limit: number; offset: number };

/** One page of what a query finds, and how much it finds in all. */
export type Rows<T> = { rows: readonly T[]; total: number };

/** Everything, for callers that know that it is little. */
export const ALL: Page = { limit: Number.POSITIVE_INFINITY, offset: 0 };

/** Which agents are wanted; archived ones only by `status`. */
export type AgentQuery = {
  status?: Agent['status'] | 'any' | undefined;
  enabled?: boolean | undefined;
  playbook_template?: string | undefined;
  /** All of them must be there. */
  tags?: readonly string[] | undefined;
  architecture?: Agent['architecture'] | undefined;
  visibility?: Agent['visibility'] | undefined;
  /** A part of name or description, in any case. */
  query?: string | undefined;
};

export type RunQuery = { agent_id?: string | undefined; status?: RunStatus | undefined };

/** The statuses of what waits for a person or is under way. */
export const OPEN = ['pending_approval', 'approved', 'executing', 'unknown'] as const;

/** Which open actions are wanted; without `statuses` those of any. */
export type OpenQuery = {
  agent_id?: string | undefined;
  run_id?: string | undefined;
  contact_id?: string | undefined;
  type?: string | undefined;
  statuses?: readonly (typeof OPEN)[number][] | undefined;
};

export type ThreadQuery = { agent_id?: string | undefined };

/** What may be named by an id, and found by one that is nearly right. */
export type Named = 'agents' | 'runs' | 'contacts' | 'identities' | 'threads';

/** Whether two values agree, where one is asked for. */
function fits<T>(wanted: T | undefined, found: T): boolean {
  return wanted === undefined || wanted === found;
}

export function isAgentOf(query: AgentQuery, agent: AgentCard): boolean {
  const { status, tags } = query;
  if (status === undefined ? agent.status === 'archived' : status !== 'any' && agent.status !== status) return false;
  if (!fits(query.enabled, agent.enabled) || !fits(query.playbook_template, agent.playbook_template)) return false;
  if (!fits(query.architecture, agent.architecture) || !fits(query.visibility, agent.visibility)) return false;
  if (tags?.some((tag) => !agent.tags.includes(tag))) return false;
  const text = query.query?.toLowerCase();
  return text === undefined || `${agent.name}\n${agent.description ?? ''}`.toLowerCase().includes(text);
}

export function isRunOf(query: RunQuery, run: Run): boolean {
  return fits(query.agent_id, run.agent_id) && fits(query.status, run.status);
}

export function isOpenOf(query: OpenQuery, action: OpenAction): boolean {
  const { agent_id, run_id, contact_id, type, statuses } = query;
  return (
    (statuses === undefined || statuses.some((status) => status === action.status)) &&
    fits(agent_id, action.agent_id) &&
    fits(run_id, action.run_id) &&
    fits(contact_id, action.contact_id) &&
    fits(type, action.type)
  );
}

export function isThreadOf(query: ThreadQuery, thread: Thread): boolean {
  return fits(query.agent_id, thread.agent_id);
}

import type { Agent } from '../agents/agent.ts';
import type { Thread } from '../agents/thread.ts';
import type { Run, RunStatus } from '../runs/run.ts';
import type { AgentCard, OpenAction } from './state.ts';

/** One page of a list: at most `limit` rows, after the first `offset` ones. */
export type Page = { limit: number; offset: number };

/** One page of what a query finds, and how many rows it finds in all; `isAtLeast`: it may find more of them. */
export type Rows<T> = { rows: readonly T[]; total: number; isAtLeast?: true };

/** The page with everything, for lists that are known to be short. */
export const ALL: Page = { limit: Number.POSITIVE_INFINITY, offset: 0 };

/** Which agents are wanted. Without a `status`, archived agents are left out. */
export type AgentQuery = {
  status?: Agent['status'] | 'any' | undefined;
  enabled?: boolean | undefined;
  playbook_template?: string | undefined;
  /** Tags that the agent must have, all of them. */
  tags?: readonly string[] | undefined;
  architecture?: Agent['architecture'] | undefined;
  visibility?: Agent['visibility'] | undefined;
  /** A part of the name or description, in any case. */
  query?: string | undefined;
};

export type RunQuery = { agent_id?: string | undefined; status?: RunStatus | undefined };

/** The statuses of an open action: one that waits for a person or is under way. */
export const OPEN = ['pending_approval', 'approved', 'executing', 'unknown'] as const;

/** Which open actions are wanted. Without `statuses`, those of any status. */
export type OpenQuery = {
  agent_id?: string | undefined;
  run_id?: string | undefined;
  contact_id?: string | undefined;
  type?: string | undefined;
  statuses?: readonly (typeof OPEN)[number][] | undefined;
};

export type ThreadQuery = { agent_id?: string | undefined; named?: string | undefined };

/** The kinds of things that a caller names, and of which the closest is suggested where the name is wrong. */
export type Named = 'agents' | 'runs' | 'contacts' | 'identities' | 'threads';

/** Whether a value is the wanted one; any value is where none is wanted. */
function fits<T>(wanted: T | undefined, found: T): boolean {
  return wanted === undefined || wanted === found;
}

/** The template that an agent was made of, also one that isn't here: its name is kept, and given back. */
function templateOf({ playbook_template, origin }: AgentCard): unknown {
  return playbook_template ?? (origin?.dialect === 'pathbound' ? origin.fields.playbook_template : undefined);
}

/** Whether an agent is one that a query wants. */
export function isAgentOf(query: AgentQuery, agent: AgentCard): boolean {
  const { status, tags } = query;
  if (status === undefined ? agent.status === 'archived' : status !== 'any' && agent.status !== status) return false;
  if (!fits(query.enabled, agent.enabled) || !fits(query.playbook_template, templateOf(agent))) return false;
  if (!fits(query.architecture, agent.architecture) || !fits(query.visibility, agent.visibility)) return false;
  if (tags?.some((tag) => !agent.tags.includes(tag))) return false;
  const text = query.query?.toLowerCase();
  return text === undefined || `${agent.name}\n${agent.description ?? ''}`.toLowerCase().includes(text);
}

/** Whether a run is one that a query wants. */
export function isRunOf(query: RunQuery, run: Run): boolean {
  return fits(query.agent_id, run.agent_id) && fits(query.status, run.status);
}

/** Whether an open action is one that a query wants. */
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

/** Whether a thread is one that a query wants. */
export function isThreadOf(query: ThreadQuery, thread: Thread): boolean {
  return fits(query.agent_id, thread.agent_id) && fits(query.named, thread.named);
}

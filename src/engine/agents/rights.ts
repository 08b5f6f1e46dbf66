import type { Agent } from '../../domain/agents/agent.ts';
import { belongingOf, mayChangeAgent, memberOf, type Ownership, ownedBy } from '../../domain/agents/audience.ts';
import type { Author } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { KeptCall } from '../../domain/state/kept-change.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { findAgent } from '../base/lookup.ts';

/** Refuses a new agent that its maker may not make, or an agent as a change would leave it: FORBIDDEN. */
export function demandMakeable(by: Author, owned: Ownership, visibility: Agent['visibility'] = 'private'): void {
  if (mayChangeAgent(memberOf(by), { ...owned, visibility })) return;
  throw new AppError(
    'FORBIDDEN',
    `A member of a team makes private agents: leave visibility out, or give "private", and ask an owner or an admin of the team to make it "${visibility}". Nothing was changed.`,
    { visibility, role: memberOf(by)?.role },
  );
}

/** Refuses to change or delete an agent that the caller sees, and that isn't theirs to change: FORBIDDEN. */
export function demandChangeable(by: Author, agent: Agent): void {
  if (mayChangeAgent(memberOf(by), belongingOf(agent))) return;
  throw new AppError(
    'FORBIDDEN',
    `Agent "${agent.name}" isn't yours to change: a member of a team changes and deletes only private agents of their own. Ask its owner (made by ${agent.created_by}), or an owner or an admin of the team. Nothing was changed. You can make an agent of your own with create_agent.`,
    { agent_id: agent.id, role: memberOf(by)?.role },
  );
}

/** Refuses a call that the caller's role doesn't allow: FORBIDDEN. `owned` says whose a new agent would be. */
export function demandRole(view: View, by: Author, call: KeptCall, owned: Ownership): void {
  if (call.tool === 'create_agent') demandMakeable(by, owned, call.input.visibility);
  if (call.tool === 'update_agent' || call.tool === 'delete_agent')
    demandChangeable(by, findAgent(view, call.agent_id));
  if (call.tool === 'update_agent') demandMakeable(by, ownedBy(by), call.update.changes.visibility);
  if (call.tool !== 'grant') return;
  for (const { agent_id } of call.grants) {
    const agent = currentAgent(view, agent_id);
    if (agent) demandChangeable(by, agent);
  }
}

/** Whether a caller may decide on what lets more happen without a person: that takes approving besides the call itself. */
export function mayAllow(by: Author): boolean {
  const member = memberOf(by);
  return member === undefined || member.scopes.includes('agents:approve');
}

/** Refuses a decision on a change that waits, by a token that lacks a scope for it: FORBIDDEN. */
export function demandAllowing(by: Author): void {
  const missing = (['agents:write', 'agents:approve'] as const).filter(
    (scope) => memberOf(by)?.scopes.includes(scope) === false,
  );
  if (missing.length === 0) return;
  throw new AppError(
    'FORBIDDEN',
    `A change that waits is decided with the scopes agents:write and agents:approve, and this token lacks ${missing.join(' and ')}. Nothing was decided, and the change still waits: somebody whose token has them decides it.`,
    { missing },
  );
}

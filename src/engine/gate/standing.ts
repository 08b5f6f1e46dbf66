import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { differences, mandateDigest, mandateOf, type Values } from '../../domain/agents/mandate.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { Event } from '../../domain/state/events.ts';
import type { KeptChange, WantedGrant } from '../../domain/state/kept-change.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import { mandateNow, typesToGrant } from './grant.ts';
import { LEVELS } from './proof.ts';

/** A change that waits lapses after this long, whatever else happens. */
const LASTS_MS = 7 * 24 * 60 * 60 * 1000;

/** When a change that is asked for now lapses. */
export function lapsesAt({ now }: Pick<Moment, 'now'>): string {
  return new Date(now.getTime() + LASTS_MS).toISOString();
}

/** An agent as a commit leaves it, with its identity and what it was before. */
type Moved = { before: Agent | undefined; after: Agent; identity: Identity | undefined };

/** The agents whose mandate a commit may move: the saved ones, and those that send as a saved identity. */
function movedBy(view: View, events: readonly Event[]): Moved[] {
  const found = new Map<string, Moved>();
  for (const event of events) {
    if (event.type === 'agent_saved') {
      const { agent } = event;
      const identity = agent.identity_id === undefined ? undefined : view.identity(agent.identity_id);
      found.set(agent.id, { before: currentAgent(view, agent.id), after: agent, identity });
    }
    if (event.type !== 'identity_saved') continue;
    for (const { id } of view.agentsOf(event.identity.id)) {
      const agent = currentAgent(view, id);
      if (agent) found.set(id, { before: agent, after: agent, identity: event.identity });
    }
  }
  return [...found.values()];
}

function proofRank({ approval }: Agent): number {
  return LEVELS.indexOf(approval.min_proof ?? 'client');
}

/** Whether a permission of before is none any more: the mandate moved, the agent was revived, or its `min_proof` lowered. */
function isOver(view: View, { before, after }: Moved, now: string): boolean {
  if (!before) return true;
  if (before.status === 'archived' && after.status !== 'archived') return true;
  return proofRank(after) < proofRank(before) || mandateDigest(mandateNow(view, before)) !== now;
}

/** The change that asks for a permission, for agents as they are. `shown` is what it would allow, by path. */
export function wantedGrant(
  grants: readonly WantedGrant[],
  shown: { before: Values; after: Values; what: string[]; identity_id?: string | undefined },
  moment: Moment,
  by: string,
): KeptChange {
  const { before, after, what, identity_id } = shown;
  const [only, ...others] = grants;
  return {
    id: moment.newId('ch'),
    ...(only && others.length === 0 ? { agent_id: only.agent_id } : {}),
    ...(identity_id === undefined ? {} : { identity_id }),
    call: { tool: 'grant', grants: [...grants] },
    ...{ what, before, after, grants: [...grants] },
    agent_ids: grants.map(({ agent_id }) => agent_id),
    base: 'nothing',
    asked_at: moment.at,
    asked_by: by,
    lapses_at: lapsesAt(moment),
  };
}

/** What a permission for an agent would allow, for the person who is asked. */
export function whatOfGrant({ name }: Agent, types: readonly string[]): string {
  const nouns = types.map((type) => findActionType(type)?.noun ?? type);
  return `agent "${name}" does this without asking: ${nouns.join(', ')}`;
}

type WantingGrant = Moved & { grant: WantedGrant };

/** The change that asks for all permissions of one commit: one row, with what moved since each agent's last one. */
function asking(
  view: View,
  asked: readonly WantingGrant[],
  { moment, by, identity_id }: { moment: Moment; by: string; identity_id: string | undefined },
): Event {
  const many = asked.length > 1;
  const [before, after]: [Values, Values] = [{}, {}];
  for (const { after: agent, identity } of asked) {
    const moved = differences(view.standing(agent.id)?.last?.mandate ?? {}, mandateOf(agent, identity));
    // What moved of an identity is the same for all of its agents.
    const named = (path: string) => (many && !path.startsWith('identity.') ? `${agent.id}.${path}` : path);
    for (const [path, value] of Object.entries(moved.before)) before[named(path)] = value;
    for (const [path, value] of Object.entries(moved.after)) after[named(path)] = value;
  }
  const what = asked.map(({ after: agent }) => whatOfGrant(agent, typesToGrant(agent)));
  const grants = asked.map(({ grant }) => grant);
  return { type: 'change_asked', change: wantedGrant(grants, { before, after, what, identity_id }, moment, by) };
}

/**
 * What a commit does to permissions to act unasked. A change of a mandate ends the permission, by whichever path it comes,
 * and changing it back doesn't bring it back; the new permission is put among the changes that wait, so that one decision
 * restores it. Every commit passes here (`commit.ts`), so no path can leave it out.
 */
export function standingEvents(view: View, events: readonly Event[], author: Author, moment: Moment): Event[] {
  const granted = new Set(
    events.flatMap((event) => (event.type === 'mandate_granted' ? event.grants.map(({ agent_id }) => agent_id) : [])),
  );
  const ended: string[] = [];
  const asked: WantingGrant[] = [];
  for (const moved of movedBy(view, events)) {
    const { after, identity } = moved;
    const now = mandateDigest(mandateOf(after, identity));
    if (granted.has(after.id) || !isOver(view, moved, now)) continue;
    if (view.standing(after.id)) ended.push(after.id);
    if (typesToGrant(after).length > 0) asked.push({ ...moved, grant: { agent_id: after.id, digest: now } });
  }
  const identity = events.find((event) => event.type === 'identity_saved')?.identity;
  return [
    ...(ended.length > 0 ? [{ type: 'grant_ended' as const, agent_ids: ended }] : []),
    ...(asked.length > 0 ? [asking(view, asked, { moment, by: nameOf(author), identity_id: identity?.id })] : []),
  ];
}

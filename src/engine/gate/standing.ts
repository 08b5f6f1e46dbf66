import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { belongingOf } from '../../domain/agents/audience.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { differences, mandateDigest, mandateOf, type Values } from '../../domain/agents/mandate.ts';
import { type Author, nameOf, PRODUCT } from '../../domain/base/author.ts';
import type { DecisionDraft } from '../../domain/decisions/decision.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Event } from '../../domain/state/events.ts';
import type { KeptChange, WantedGrant } from '../../domain/state/kept-change.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { earnedTypes, mandateNow, typesToGrant } from './grant.ts';
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
function wantedGrant(
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

/** The change that asks a person for the permission to act unasked that one agent needs, as the agent is now. */
export function askingFor(view: View, agent: Agent, moment: Moment): Event {
  const mandate = mandateNow(view, agent);
  const shown = { before: {}, after: mandate, what: [whatOfGrant(agent, typesToGrant(agent))] };
  const grant = { agent_id: agent.id, digest: mandateDigest(mandate) };
  return { type: 'change_asked', change: wantedGrant([grant], shown, moment, PRODUCT) };
}

type WantingGrant = Moved & { grant: WantedGrant };

/** The changes that ask for the permissions of one commit: one for each owner's agents, since nobody sees a part of a change. */
function asks(
  view: View,
  asked: readonly WantingGrant[],
  terms: { moment: Moment; by: string; identity_id: string | undefined },
): Event[] {
  const byOwner = new Map<string, WantingGrant[]>();
  for (const each of asked) {
    const { team, owner } = belongingOf(each.after);
    const key = `${team} ${owner}`;
    byOwner.set(key, [...(byOwner.get(key) ?? []), each]);
  }
  return [...byOwner.values()].map((same) => asking(view, same, terms));
}

/** The change that asks for permissions of one owner's agents: one row, with what moved since each agent's last one. */
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
    ...asks(view, asked, { moment, by: nameOf(author), identity_id: identity?.id }),
  ];
}

function rejectedType(view: View, change: ActionChange): string | undefined {
  return change.to === 'rejected' ? (findAction(view, change)?.type ?? change.set.type) : undefined;
}

/** What the rejections of a commit end: the trust in each earned type of which one was rejected. */
export function endedTrust(view: View, events: readonly Event[]): Event[] {
  const ended = new Map<string, Event>();
  for (const event of events) {
    if (event.type !== 'actions_changed') continue;
    for (const change of event.changes) {
      const { agent_id } = change;
      const grant = view.standing(agent_id)?.grant;
      const action_type = grant && rejectedType(view, change);
      if (action_type === undefined || !grant || !earnedTypes(grant).includes(action_type)) continue;
      ended.set(`${agent_id} ${action_type}`, { type: 'trust_ended', agent_id, action_type });
    }
  }
  return [...ended.values()];
}

/** What the decision log says of trust that ended: it is the product's own doing, by the rule that the person granted. */
export function draftOfEndedTrust(
  view: View,
  { agent_id, action_type }: Event & { type: 'trust_ended' },
  at: string,
): DecisionDraft {
  const { name = '', version = 0 } = view.agent(agent_id) ?? {};
  const noun = findActionType(action_type)?.noun ?? action_type;
  return {
    ...{ at, decision: 'trust_ended', by: PRODUCT, via: 'policy' },
    ...{ agent_id, agent_name: name, agent_version: version, type: action_type },
    loosened: [`${noun}: one was rejected, so every one is asked again`],
  };
}

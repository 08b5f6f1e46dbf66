import { type Author, type Member, OWNER_ID } from '../base/author.ts';
import type { Agent } from './agent.ts';

/** Whose an agent is: the id of a person, and a team. */
export type Ownership = { owner: string; team: number };

/** Whose an agent is, and for whom: all that decides who sees it. */
export type Belonging = Ownership & Pick<Agent, 'visibility'>;

/** The team of agents and tokens that name none. */
const FIRST_TEAM = 1;

/** The one of a team who calls; undefined for the home's owner over stdio or in the terminal, and for the product. */
export function memberOf(author: Author): Member | undefined {
  return typeof author === 'string' ? undefined : author.member;
}

/** Whose an agent is that a caller makes. */
export function ownedBy(author: Author): Ownership {
  const { id: owner = OWNER_ID, team = FIRST_TEAM } = memberOf(author) ?? {};
  return { owner, team };
}

/** An agent of which nothing is known any more is the home owner's own, and nobody else's. */
export const HOME_OWNERS: Belonging = { owner: OWNER_ID, team: FIRST_TEAM, visibility: 'private' };

/** Whose an agent is. The first edition kept neither owner nor team: its agents are the home owner's, in the first team. */
export function belongingOf({
  owner = OWNER_ID,
  team = FIRST_TEAM,
  visibility,
}: Pick<Agent, 'owner' | 'team' | 'visibility'>): Belonging {
  return { owner, team, visibility };
}

/**
 * Whether a person sees an agent. Without `viewer` it is whoever uses the home over stdio or in the terminal: they see
 * all. Owner and admin see their team's agents; a member sees the public and commercial ones of the team, and their own.
 */
export function seesAgent(viewer: Member | undefined, { owner, team, visibility }: Belonging): boolean {
  if (viewer === undefined) return true;
  if (viewer.team !== team) return false;
  return viewer.role !== 'member' || visibility !== 'private' || viewer.id === owner;
}

/** Whether a person may change or delete an agent: a member only their own private ones, others whatever they see. */
export function mayChangeAgent(viewer: Member | undefined, agent: Belonging): boolean {
  if (!seesAgent(viewer, agent)) return false;
  return viewer?.role !== 'member' || (agent.visibility === 'private' && viewer.id === agent.owner);
}

/**
 * Whether everybody who sees `one` sees `other` too. What `other` did may then be told wherever `one` speaks: its briefings,
 * chats and templates may be read by anybody who sees it.
 */
export function isKnownTo(one: Belonging, other: Belonging): boolean {
  if (one.team !== other.team) return false;
  return other.visibility !== 'private' || (one.visibility === 'private' && one.owner === other.owner);
}

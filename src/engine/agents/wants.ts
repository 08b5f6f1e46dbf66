import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Ownership } from '../../domain/agents/audience.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { voiceUrls } from '../../domain/agents/voice.ts';
import type { Author } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import { canonical } from '../../domain/base/json.ts';
import { isAllowedHost } from '../../domain/base/url.ts';
import { loosenedPace } from '../../domain/mail/pace.ts';
import type { Event } from '../../domain/state/events.ts';
import type { AgentUpdate, IdentityInput } from '../../domain/state/kept-change.ts';
import { ALL } from '../../domain/state/queries.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import { grantFor, isStillGranted, neededForChange, typesToGrant } from '../gate/grant.ts';
import { isEnough, LEVELS, type ProofLevel } from '../gate/proof.ts';
import { whatOfGrant } from '../gate/standing.ts';
import { keyHosts } from '../money/means.ts';

/**
 * What of a change needs a person, each in words for that person, and the agents whose `min_proof` counts. `grants`: the
 * change lets the agent act unasked, so the yes to it grants its mandate.
 */
export type Want = { what: string[]; agents: Agent[]; grants: boolean };

/** Fields of an identity that say who an email is from and where an answer to it goes. */
const SENDER_FIELDS = [
  'name',
  'email',
  'smtp_url_env',
  'reply_to',
  'bcc',
  'unsubscribe_url',
  'unsubscribe_mailto',
] as const;

/** What each proof takes, in words for the person who decides. */
const TAKES: Readonly<Record<ProofLevel, string>> = {
  client: 'a plain call of the assistant',
  elicited: 'your answer to a form',
  human: 'your word in a terminal',
  signed: 'your signature by a passkey',
};

/** The types of an agent's actions that may still happen: those that wait or are under way, failed or are unknown. */
function typesThatMayHappen(view: View, agentId: string): Set<string> {
  const types = new Set(view.open({ agent_id: agentId }).map(({ type }) => type));
  const failed = view.find.runs({ agent_id: agentId }, ALL).rows.filter((run) => run.summary.actions_failed > 0);
  for (const { id } of failed)
    for (const { proposed_actions } of view.results(id).results.values())
      for (const { status, type } of proposed_actions) if (status === 'failed') types.add(type);
  return types;
}

/** The settings of an agent by which actions of these types go out, by their paths. */
function settingsFor(types: ReadonlySet<string>): string[] {
  const names = ACTION_TYPES.filter(({ type }) => types.has(type)).flatMap(({ settings = [] }) => [...settings]);
  return [...new Set(names)];
}

function settingOf(agent: Agent, name: string): unknown {
  return name === 'identity_id'
    ? agent.identity_id
    : Object.entries(agent.connections).find(([key]) => key === name)?.[1];
}

function movedSettings(view: View, before: Agent, after: Agent): string[] {
  const names = ['webhook_url', 'crm_sync_url', 'secret_env', 'identity_id'];
  const moved = names.filter((name) => settingOf(before, name) !== settingOf(after, name));
  if (moved.length === 0) return [];
  const used = settingsFor(typesThatMayHappen(view, before.id));
  return moved
    .filter((name) => used.includes(name))
    .map((name) => `${name} changes for actions that still wait, failed or have an unknown outcome`);
}

/** URLs by which contacts' data would go to a host that nobody named: not the provider's own, and not allowed by the person. */
function foreignHosts(before: Agent | undefined, after: Agent, moment: Moment): string[] {
  const home = modelProvider(after)?.home;
  const isForeign = (url: string) =>
    !isAllowedHost(new URL(url), keyHosts(moment)) && new URL(url).origin !== (home && new URL(home).origin);
  const isNew = (url: string | undefined, was: string | undefined): url is string => url !== undefined && url !== was;
  const { base_url, provider } = after.llm_config;
  const found: string[] = [];
  const sameModel =
    before && modelProvider(before)?.name === modelProvider(after)?.name && provider === before.llm_config.provider;
  if (isNew(base_url, sameModel ? before.llm_config.base_url : undefined) && isForeign(base_url))
    found.push(`what contacts say would go to a model at ${new URL(base_url).host}`);
  const heard = before ? voiceUrls(before) : [];
  for (const { step, url, home: own } of voiceUrls(after)) {
    const was = heard.find((one) => one.step === step)?.url;
    if (isNew(url, was) && !isAllowedHost(new URL(url), keyHosts(moment)) && new URL(url).origin !== apiOrigin(own))
      found.push(`what is said to the agent or by it would go to ${new URL(url).host}`);
  }
  const { callback_url } = after.connections;
  if (isNew(callback_url, before?.connections.callback_url) && isForeign(callback_url))
    found.push(`results of chats would go to ${new URL(callback_url).host}`);
  return found;
}

function apiOrigin(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin;
}

/** Whether an update names the settings that let something happen without a person. */
function namesUnasked({ changes: { approval } }: AgentUpdate): boolean {
  return approval?.require_approval === false || (approval?.auto_approve ?? []).length > 0;
}

/** Whether less happens unasked than what is granted now. Nobody is asked before that; the rest has to be granted anew. */
function isLess(view: View, before: Agent, after: Agent, { env }: Moment): boolean {
  const [was, is] = [typesToGrant(before), typesToGrant(after)];
  return grantFor(view, before, env) !== undefined && is.length < was.length && is.every((type) => was.includes(type));
}

/** Whether a person has to allow what an agent would do unasked: nobody did, or a rejection has ended a part of it. */
function lacksGrant(view: View, after: Agent, { env }: Moment, types: readonly string[]): boolean {
  const grant = grantFor(view, after, env);
  return grant === undefined || types.some((type) => !isStillGranted(grant, type));
}

function demanded({ approval }: Agent): ProofLevel {
  return approval.min_proof ?? 'client';
}

/** What of an update needs a person; undefined where nothing does. */
export function wantOfUpdate(
  view: View,
  moment: Moment,
  { before, after }: { before: Agent; after: Agent },
  update: AgentUpdate,
): Want | undefined {
  const types = typesToGrant(after);
  const grants =
    namesUnasked(update) &&
    types.length > 0 &&
    lacksGrant(view, after, moment, types) &&
    !isLess(view, before, after, moment);
  const what = [
    ...(grants ? [whatOfGrant(after, types)] : []),
    ...(LEVELS.indexOf(demanded(after)) < LEVELS.indexOf(demanded(before))
      ? [`a yes to its actions would take ${TAKES[demanded(after)]}; until now ${TAKES[demanded(before)]}`]
      : []),
    ...movedSettings(view, before, after),
    ...foreignHosts(before, after, moment),
  ];
  // A permission takes what the agent will demand; any other change what it demands until now.
  const isRaised = LEVELS.indexOf(demanded(after)) > LEVELS.indexOf(demanded(before));
  const asked = grants && isRaised ? { ...before, approval: after.approval } : before;
  return what.length === 0 ? undefined : { what, agents: [asked], grants };
}

/** What of a new agent needs a person before it is made. What it may do unasked doesn't: it is made without permission. */
export function wantOfCreation(agent: Agent, moment: Moment): Want | undefined {
  const what = foreignHosts(undefined, agent, moment);
  return what.length === 0 ? undefined : { what, agents: [agent], grants: typesToGrant(agent).length > 0 };
}

/** An agent that demands more than a plain call for a yes could be made again without that, once it was deleted. */
export function wantOfDeletion(agent: Agent): Want | undefined {
  if (demanded(agent) === 'client') return undefined;
  return { what: [`agent "${agent.name}" is deleted for good, with its runs`], agents: [agent], grants: false };
}

/** Whether another sender would change emails of an agent that may still happen. */
function hasEmails(view: View, agentId: string): boolean {
  return settingsFor(typesThatMayHappen(view, agentId)).includes('identity_id');
}

/** Another mailbox, or none any more: then nobody would look for answers before what waits goes. A first one stops more. */
function otherMailbox({ imap_url_env }: Identity, after: IdentityInput): string[] {
  return imap_url_env !== undefined && imap_url_env !== after.imap_url_env ? ['imap_url_env'] : [];
}

/**
 * What of an identity's change needs a person: who emails are from that still wait, failed or are unknown, where answers to
 * it are looked for, and that they go faster than was said when the person decided. A slower pace needs nobody. All agents
 * that send as it count, also those that the caller doesn't see.
 */
export function wantOfIdentity(looker: View, args: IdentityInput): Want | undefined {
  const view = wholeOf(looker);
  const before = args.identity_id === undefined ? undefined : view.identity(args.identity_id);
  if (!before) return undefined;
  const moved = [
    ...SENDER_FIELDS.filter((name) => canonical(before[name] ?? null) !== canonical(args[name] ?? null)),
    ...otherMailbox(before, args),
    ...loosenedPace(before, args),
  ];
  if (moved.length === 0) return undefined;
  const agents = view
    .agentsOf(before.id)
    .flatMap(({ id }) => (hasEmails(view, id) ? (currentAgent(view, id) ?? []) : []));
  if (agents.length === 0) return undefined;
  return {
    what: [`${moved.join(', ')} changes for emails that still wait, failed or have an unknown outcome`],
    agents,
    grants: false,
  };
}

/** Refuses a change that needs a person for less than the proof that it needs: FORBIDDEN, and nothing is changed. */
export function demandWant(
  view: View,
  want: Want | undefined,
  env: Moment['env'],
  given: ProofLevel | undefined,
): void {
  if (!want) return;
  const needed = neededForChange(view, want.agents, env);
  if (given !== undefined && isEnough(given, needed)) return;
  throw new AppError('FORBIDDEN', `A person decides on this: ${want.what.join('; ')}. Nothing was changed.`, {
    needed,
    given: given ?? 'client',
    what: want.what,
  });
}

/** Whose an agent is that is made, and by whom, in words. */
export type Maker = Ownership & { name: string };

/**
 * Who makes a change, by which proof, and as which of the changes that waited, where it is one. `maker`: who asked for a
 * change that waited, where another person decides on it.
 */
export type Decider = {
  by: Author;
  via?: ProofLevel | undefined;
  change_id?: string | undefined;
  maker?: Maker | undefined;
};

/** How a change was approved: now, at its own call or as a change that waited. */
export function approvedBy(moment: Moment, via: ProofLevel, { change_id }: Decider) {
  return { change_id: change_id ?? moment.newId('ch'), outcome: 'approved' as const, at: moment.at, via };
}

/** The event by which the decision log is told that a person decided on a change. */
export function decidedOn(
  want: Pick<Want, 'what' | 'grants'> & { agents: readonly Pick<Agent, 'id' | 'name' | 'version'>[] },
  how: { change_id: string; outcome: 'approved' | 'declined'; at: string; via: ProofLevel },
): Event {
  const agents = want.agents.map(({ id, name, version }) => ({ id, name, version }));
  return { type: 'change_closed', ...how, what: want.what, agents, ...(want.grants ? { grants: true } : {}) };
}

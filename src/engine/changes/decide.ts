import { HOME_OWNERS, ownedBy } from '../../domain/agents/audience.ts';
import type { Author } from '../../domain/base/author.ts';
import { AppError, conflict, notFound } from '../../domain/base/errors.ts';
import type { SignedProof } from '../../domain/decisions/signed-proof.ts';
import type { Event } from '../../domain/state/events.ts';
import type { KeptCall, KeptChange } from '../../domain/state/kept-change.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import { type CronProblem, loadCronProblem } from '../agents/check.ts';
import { decideDeletion, stopRuns } from '../agents/delete.ts';
import { decideIdentity } from '../agents/identities.ts';
import { demandOutputSchema } from '../agents/output-schema.ts';
import { demandAllowing, demandRole } from '../agents/rights.ts';
import { decideCreation, decideUpdate } from '../agents/save.ts';
import { decidedOn, demandWant } from '../agents/wants.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { granting } from '../gate/grant.ts';
import type { ProofLevel } from '../gate/proof.ts';
import { grantTerms } from '../learning/earned-types.ts';
import { provenEvents } from '../passkeys/sign.ts';
import { sameChange } from './keep.ts';
import { lapsed } from './live.ts';
import { planOf, shownDigest } from './plan.ts';

/** `binding`: what the person was shown, as `askedAgain` has it. A signature is over that, so it is needed then. */
export type ChangeDecision = {
  change_id: string;
  decision: 'approve' | 'decline';
  via: ProofLevel;
  binding?: string | undefined;
  proof?: SignedProof | undefined;
};
/** What came of a decision: a sentence about what holds now. */
export type DecidedChange = { change_id: string; outcome: 'approved' | 'declined'; told: string };

type DecidedBy = { by: Author; via: ProofLevel; cronProblem: CronProblem };
type Applied = { events: Event[]; told: string; run_ids?: string[] };

/** The kept call, made exactly as it was asked for. */
function applied(view: View, moment: Moment, change: KeptChange, given: DecidedBy): Applied {
  const { call, id, asked_by, asker = HOME_OWNERS } = change;
  const { owner, team } = asker;
  const saver = { ...given, change_id: id, maker: { owner, team, name: asked_by } };
  switch (call.tool) {
    case 'grant': {
      const agents = call.grants.flatMap(({ agent_id }) => currentAgent(view, agent_id) ?? []);
      const names = agents.map(({ name }) => `"${name}"`).join(', ');
      return {
        events: [granting(view, agents, grantTerms(view, moment, given))],
        told: `${names} may act without asking, as shown`,
      };
    }
    case 'create_agent': {
      const { events, value } = decideCreation(view, moment, call, saver);
      return { events, told: `agent "${value.agent.name}" was made (${value.agent.id})` };
    }
    case 'update_agent': {
      const { events, value } = decideUpdate(view, moment, call, saver);
      return { events, told: `agent "${value.agent.name}" was changed (version ${value.agent.version})` };
    }
    case 'delete_agent': {
      const { events, value } = decideDeletion(view, moment, call.agent_id, saver);
      return { events, told: 'the agent was deleted', run_ids: value.run_ids };
    }
    case 'save_identity': {
      const { events, value } = decideIdentity(view, moment, call.args, saver);
      return { events, told: `the identity of ${value.identity.name} was changed` };
    }
    case 'import_contacts':
      return { events: [], told: 'the same call of import_contacts makes that import now, once' };
  }
}

/** The same error of a call that was kept: what was asked for can't be done any more. */
function noLonger(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code === 'FORBIDDEN') return error;
  return conflict(`This change can't be made any more: ${error.message}`, error.details);
}

function appliedOrWhy(view: View, moment: Moment, change: KeptChange, given: DecidedBy): Applied {
  let done: Applied;
  try {
    done = applied(view, moment, change, given);
  } catch (error) {
    throw noLonger(error);
  }
  const shown = change.grants.map(({ digest }) => digest);
  const grants = done.events.flatMap((event) => (event.type === 'mandate_granted' ? event.grants : []));
  if (grants.some(({ digest }) => !shown.includes(digest)))
    throw conflict("This change can't be made any more: what it would allow has changed since.");
  return done;
}

/** Whom a decision on a change is about, for the decision log. */
function aboutOf(view: View, { what, agent_ids, grants }: KeptChange) {
  const agents = agent_ids.flatMap((id) => view.agent(id) ?? []);
  return { what, agents, grants: grants.length > 0 };
}

/** Refuses a decision on a change that isn't what the person was shown: CONFLICT. */
function demandAsShown(
  view: View,
  moment: Moment,
  { call, asker = HOME_OWNERS }: KeptChange,
  { binding, cronProblem }: Pick<ChangeDecision, 'binding'> & { cronProblem: CronProblem },
): void {
  if (binding === undefined) return;
  const plan = planOf({ view, moment, cronProblem, asker }, call);
  if (!plan || shownDigest(plan) !== binding)
    throw conflict('This change is no longer what you were shown. Nothing was decided: look at it again.');
}

/** What a change that was made as it was asked says of how it was signed. */
function asSigned(event: Event, { via, binding }: ChangeDecision, changeId: string): Event {
  const isOfThis = event.type === 'change_closed' && event.change_id === changeId;
  return isOfThis && via === 'signed' && binding !== undefined ? { ...event, binding } : event;
}

function decideOn(
  view: View,
  moment: Moment,
  args: ChangeDecision,
  given: DecidedBy,
): Applied & { change: KeptChange } {
  const change = view.changes().find(({ id }) => id === args.change_id);
  if (!change) throw notFound(`No change with the id "${args.change_id}" waits any more.`);
  demandAllowing(given.by);
  demandRole(view, given.by, change.call, change.asker ?? HOME_OWNERS);
  const why = lapsed(view, moment, change);
  if (why) throw conflict(`This change can't be decided any more: ${why}.`);
  const whole = wholeOf(view);
  const about = aboutOf(whole, change);
  demandAsShown(view, moment, change, { ...args, cronProblem: given.cronProblem });
  const how = {
    ...{ change_id: change.id, at: moment.at, via: args.via },
    ...(args.via === 'signed' && args.binding !== undefined ? { binding: args.binding } : {}),
  };
  if (args.decision === 'decline')
    return { change, events: [decidedOn(about, { ...how, outcome: 'declined' })], told: 'nothing was changed' };
  const agents = change.agent_ids.flatMap((id) => currentAgent(whole, id) ?? []);
  demandWant(view, { ...about, agents }, moment.env, args.via);
  const done = appliedOrWhy(view, moment, change, given);
  const isClosed = done.events.some((event) => event.type === 'change_closed' && event.change_id === change.id);
  if (!isClosed) done.events.push(decidedOn(about, { ...how, outcome: 'approved' }));
  return { change, ...done, events: done.events.map((event) => asSigned(event, args, change.id)) };
}

/**
 * A person's word on a change that waits. A yes makes the kept call exactly; a no leaves everything as it was.
 *
 * @throws AppError NOT_FOUND where it waits no more, CONFLICT with the reason where it can't be decided or made any more,
 *   FORBIDDEN where the proof is too weak, or the token or role of the person doesn't allow it
 */
export async function decideChange(house: House, by: Author, args: ChangeDecision): Promise<DecidedChange> {
  const cronProblem = await loadCronProblem(house);
  const { call } = (await house.read((view) => view.changes().find(({ id }) => id === args.change_id))) ?? {};
  if (call?.tool === 'update_agent') await demandOutputSchema(house.deps, call.update.changes.output_schema);
  if (call?.tool === 'create_agent') await demandOutputSchema(house.deps, call.input.output_schema);
  const { told, run_ids } = await house.commit(by, (view, moment) => {
    const done = decideOn(view, moment, args, { by, via: args.via, cronProblem });
    const events = provenEvents(view, by, done.events, { ...args, at: moment.at });
    return { events, value: { told: done.told, run_ids: done.run_ids ?? [] } };
  });
  stopRuns(house, run_ids);
  return { change_id: args.change_id, outcome: args.decision === 'approve' ? 'approved' : 'declined', told };
}

/** Keeps a person's no to a call in the decision log. The same change no longer waits, where it did. */
export async function declineNow(house: House, by: Author, call: KeptCall, via: ProofLevel): Promise<void> {
  const cronProblem = await loadCronProblem(house);
  await house.commit(by, (view, moment) => {
    const plan = planOf({ view, moment, cronProblem, asker: ownedBy(by) }, call);
    if (!plan) return { events: [], value: undefined };
    const change_id = sameChange(view, moment, plan, by)?.id ?? moment.newId('ch');
    const about = { what: plan.what, agents: plan.agents, grants: plan.grants.length > 0 };
    return { events: [decidedOn(about, { change_id, outcome: 'declined', at: moment.at, via })], value: undefined };
  });
}

/** Puts away a change that waits, because the same was decided at another call. */
export async function putAwayChange(house: House, by: Author, changeId: string): Promise<void> {
  await house.commit(by, (view, { at }) => {
    const found = view.changes().find(({ id }) => id === changeId);
    if (!found) return { events: [], value: undefined };
    const closed = { change_id: changeId, outcome: 'lapsed' as const, at, what: found.what, agents: [] };
    return { events: [{ type: 'change_closed', ...closed }], value: undefined };
  });
}

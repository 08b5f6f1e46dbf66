import { HOME_OWNERS, memberOf, type Ownership, ownedBy } from '../../domain/agents/audience.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import { canonical } from '../../domain/base/json.ts';
import type { Event } from '../../domain/state/events.ts';
import type { KeptCall, KeptChange } from '../../domain/state/kept-change.ts';
import type { View } from '../../domain/state/view.ts';
import { loadCronProblem } from '../agents/check.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { neededForChange } from '../gate/grant.ts';
import { beyondForms, type ProofLevel } from '../gate/proof.ts';
import { lapsesAt } from '../gate/standing.ts';
import { waysInWords, waysOf } from '../gate/ways.ts';
import { demandingAgents, lapsed } from './live.ts';
import { type ChangePlan, planOf } from './plan.ts';

function keptOf(plan: ChangePlan, moment: Moment, by: Author): KeptChange {
  const { call, what, agents, base, before, after, grants, agent_id, identity_id } = plan;
  return {
    id: moment.newId('ch'),
    ...(agent_id === undefined ? {} : { agent_id }),
    ...(identity_id === undefined ? {} : { identity_id }),
    ...{ call, what, before, after, base },
    agent_ids: agents.map(({ id }) => id).filter((id) => id !== ''),
    grants: grants.map(({ grant }) => grant),
    asked_at: moment.at,
    asked_by: nameOf(by),
    ...(memberOf(by) ? { asker: ownedBy(by) } : {}),
    lapses_at: lapsesAt(moment),
  };
}

/** Puts away the changes that nobody can decide on any more. */
function putAway(view: View, { at }: Moment): Event[] {
  return view
    .changes()
    .filter((change) => lapsed(view, { at }, change) !== undefined)
    .map(({ id, what }) => ({ type: 'change_closed', change_id: id, outcome: 'lapsed', at, what, agents: [] }));
}

/** What makes two changes the same: the call, what it is for, and whose a new agent would be. */
function sameness({ call, base }: Pick<KeptChange, 'call' | 'base'>, asker: Ownership = HOME_OWNERS): string {
  return canonical(call.tool === 'create_agent' ? [call, base, asker.owner, asker.team] : [call, base]);
}

/** The change that waits already and is the same as this plan of a caller. */
export function sameChange(view: View, moment: Moment, plan: ChangePlan, by: Author): KeptChange | undefined {
  const wanted = sameness(plan, ownedBy(by));
  return view.changes().find((kept) => sameness(kept, kept.asker) === wanted && !lapsed(view, moment, kept));
}

/** Puts a plan among the changes that wait. The same one is kept once, however often it is asked for. */
function keeping(view: View, moment: Moment, plan: ChangePlan, by: Author): { events: Event[]; change: KeptChange } {
  const same = sameChange(view, moment, plan, by);
  if (same) return { events: [], change: same };
  const change = keptOf(plan, moment, by);
  return { events: [...putAway(view, moment), { type: 'change_asked', change }], change };
}

/** Keeps a call whole among the changes that wait; undefined where it needs no person any more. */
export async function keepCall(house: House, by: Author, call: KeptCall): Promise<KeptChange | undefined> {
  const cronProblem = await loadCronProblem(house);
  return house.commit(by, (view, moment) => {
    const plan = planOf({ view, moment, cronProblem, asker: ownedBy(by) }, call);
    if (!plan) return { events: [], value: undefined };
    const { events, change } = keeping(view, moment, plan, by);
    return { events, value: change };
  });
}

/** What can be done instead of waiting for a person, where there is something. */
function insteadOf({ call }: KeptChange): string {
  if (call.tool === 'delete_agent') return ' update_agent with status "archived" stops the agent and needs nobody.';
  if (call.tool !== 'import_contacts') return '';
  return ' Once they allowed it, make the same call again, with the same contacts and mapping: then the import is made. Without do_not_email in mapping it needs nobody; afterwards the person can lift what a column set by mistake with countersign consent --source COLUMN@IMPORT.';
}

/**
 * The refusal of a call that is kept for a person. Its first sentence is for that person. `given` is the proof that the
 * call gave, or could have given by a form; `why` says what came of a form; `isTooLong`: no form can show it.
 */
export async function waitsForPerson(
  house: House,
  change: KeptChange,
  { given, why = '', isTooLong }: { given: ProofLevel; why?: string | undefined; isTooLong: boolean },
): Promise<AppError> {
  const needed = await house.read((view) => neededForChange(view, demandingAgents(view, change), house.deps.env));
  const { id, what, lapses_at } = change;
  const at = { change_id: id };
  return new AppError(
    'FORBIDDEN',
    `This is for you to decide (${what.join('; ')}): ${waysInWords(house.deps, beyondForms(needed, isTooLong), { at })}. ${why}Nothing was changed. The whole call waits as change ${id} until ${lapses_at}; list_pending_actions shows it under changes. This is for the person to do, so tell them.${insteadOf(change)}`,
    { change_id: id, what, needed, given, ways: waysOf(house.deps, { at, needed }) },
  );
}

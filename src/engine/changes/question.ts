import { HOME_OWNERS, type Ownership, ownedBy } from '../../domain/agents/audience.ts';
import type { Author } from '../../domain/base/author.ts';
import { conflict, notFound } from '../../domain/base/errors.ts';
import type { KeptCall, KeptChange } from '../../domain/state/kept-change.ts';
import { type FormLine, laidOut, onOneLine, shortLines } from '../../domain/text/form-lines.ts';
import { loadCronProblem } from '../agents/check.ts';
import { demandRole } from '../agents/rights.ts';
import type { House } from '../base/house.ts';
import { neededForChange } from '../gate/grant.ts';
import type { ProofLevel } from '../gate/proof.ts';
import { waysOf } from '../gate/ways.ts';
import { choices, type Question } from '../review/questions.ts';
import { sameChange } from './keep.ts';
import { lapsed } from './live.ts';
import { type ChangePlan, planOf, shownDigest } from './plan.ts';
import { changedLines, mandateLines, valueLines, whom } from './words.ts';

/**
 * A change as a person is asked about it. `needs` is the proof that a yes takes; `waiting` the same change, where it waits
 * already; `asker` whose an agent would be that it makes.
 */
export type AskedChange = Question & {
  plan: ChangePlan;
  asker: Ownership;
  needs: ProofLevel;
  lines: FormLine[];
  waiting?: string | undefined;
};

/** How many contacts each agent's filter finds now. */
function countsOf(house: House, plan: ChangePlan): Promise<number[]> {
  const targets = plan.grants.map(async ({ agent }) => {
    const query = { agent_id: agent.id, filter: agent.monitoring.filter, limit: 1 };
    return (await house.store.find.targets(query)).matched;
  });
  return Promise.all(targets);
}

function agentLines({ agents, names }: ChangePlan): FormLine[] {
  const all = names ?? agents.map(({ name }) => name);
  return all.map((name): FormLine => ['Agent', onOneLine(name)]);
}

function planLines(plan: ChangePlan, counts: readonly number[]): FormLine[] {
  const own = plan.call.tool === 'create_agent' ? madeLines(plan) : changedLines(plan);
  return [
    ...plan.what.map((what): FormLine => ['With your yes', onOneLine(what)]),
    ...(plan.grants.length > 0 ? [] : agentLines(plan)),
    ...plan.grants.flatMap((granted, index) => mandateLines(granted, counts[index] ?? 0)),
    ...(plan.call.tool === 'grant' ? [] : own),
  ];
}

/** A new agent's settings; where it would act unasked, they stand among what it would do already. */
function madeLines({ grants, after }: ChangePlan): FormLine[] {
  return grants.length > 0 ? [] : valueLines(after);
}

/** The short lines above a form: what, to whom, and what would be otherwise. */
function headOf(plan: ChangePlan, counts: readonly number[]): string {
  const [first, ...others] = plan.what;
  const [granted] = plan.grants;
  const to = granted && `To: ${whom(granted.agent, counts[0] ?? 0)}`;
  const isNewPermission = granted !== undefined && ['grant', 'create_agent'].includes(plan.call.tool);
  const [[is, now] = [], [, was] = []] = isNewPermission ? [] : changedLines(plan);
  const moved = is === undefined ? undefined : `${is}: ${now}; until now: ${was}`;
  const rest = others.length > 0 ? others.join('; ') : undefined;
  return shortLines([`Allow this? ${first}`, ...[rest, to, moved].filter((line) => line !== undefined)]);
}

async function askedOf(house: House, plan: ChangePlan, asker: Ownership): Promise<AskedChange> {
  const counts = await countsOf(house, plan);
  const lines = planLines(plan, counts);
  const needs = await house.read((view) => neededForChange(view, plan.agents, house.deps.env));
  const means = choices('it holds from then on, exactly as shown here.', 'it does not hold.');
  return {
    plan,
    asker,
    lines,
    needs,
    needed: needs,
    message: headOf(plan, counts),
    text: `${laidOut(lines)}\n\n${means}`,
    binding: shownDigest(plan),
    ways: waysOf(house.deps, { needed: needs }),
  };
}

/**
 * The question before a call that needs a person; undefined where it needs none.
 *
 * @throws AppError FORBIDDEN where the caller's role doesn't allow the call
 */
export async function changeQuestion(house: House, by: Author, call: KeptCall): Promise<AskedChange | undefined> {
  const cronProblem = await loadCronProblem(house);
  const asker = ownedBy(by);
  const found = await house.read((view, moment) => {
    demandRole(view, by, call, asker);
    const plan = planOf({ view, moment, cronProblem, asker }, call);
    return plan && { plan, waiting: sameChange(view, moment, plan, by)?.id };
  });
  return found && { ...(await askedOf(house, found.plan, asker)), waiting: found.waiting };
}

/**
 * A house for the call that a person said yes to. It commits only as long as the call would do what the person was shown:
 * another call may have come in between. Else CONFLICT.
 */
export async function houseAsShown(house: House, call: KeptCall, { binding, asker }: AskedChange): Promise<House> {
  const cronProblem = await loadCronProblem(house);
  return {
    ...house,
    commit: (author, decide) =>
      house.commit(author, (view, moment) => {
        const plan = planOf({ view, moment, cronProblem, asker }, call);
        if (!plan || shownDigest(plan) !== binding)
          throw conflict(
            'What the person said yes to has changed since, so nothing was changed. Call again to ask about it as it is now.',
            { form: 'outdated' },
          );
        return decide(view, moment);
      }),
  };
}

/**
 * A change that waits, as a person is asked about it.
 *
 * @throws AppError NOT_FOUND where there is no such change (any more), CONFLICT where nobody can decide on it any more
 */
export async function askedAgain(house: House, changeId: string): Promise<AskedChange & { change: KeptChange }> {
  const cronProblem = await loadCronProblem(house);
  const { plan, change } = await house.read((view, moment) => {
    const change = view.changes().find(({ id }) => id === changeId);
    if (!change) throw notFound(`No change with the id "${changeId}" waits. list_pending_actions shows those that do.`);
    const why = lapsed(view, moment, change);
    if (why) throw conflict(`This change can't be decided any more: ${why}.`);
    const { call, asker = HOME_OWNERS } = change;
    return { plan: planOf({ view, moment, cronProblem, asker }, call), change };
  });
  if (!plan) throw conflict("This change needs nobody's word any more: make the call again.");
  return { ...(await askedOf(house, plan, change.asker ?? HOME_OWNERS)), change };
}

import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { ActionRef, Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { findEvaluator } from '../../evaluators/index.ts';
import { effectiveParams, findAction } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { sightOf } from '../gate/sight.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { supersededBy } from '../gate/waiting.ts';
import { meansOf } from '../money/means.ts';
import { type EvaluationOutcome, failedOutcome } from './results.ts';
import { mindOf, openRevisions, revisionContext, revisionRecorded } from './revisions.ts';

const RENEW_MS = 4_000;
/** How long an answer may take, as it stands in the lease. The lease holds while its process lives. */
const ANSWER_WITHIN_MS = 600_000;
/** A revision that so many processes took up, each of which died over it, is given up. */
const MOST_TAKES = 2;

const LOST = {
  code: 'INTERNAL',
  message: 'the processes that asked the model for it ended before it answered',
};

/** A revision that this process works on, under a lease of its own. */
type Claimed = { run: Run; agent: Agent; ref: ActionRef; evaluation_id: string; takes: number };

/**
 * The first action of a run that was sent back to a model, and that no other living process works on. There is none while
 * the brake is on: it is taken up afterwards.
 */
function firstFree(view: View, self: string, runId: string): ActionRef | undefined {
  const run = view.run(runId);
  const open = openRevisions(view, runId);
  if (!run || open.length === 0 || view.brake().on || effectiveProvider(mindOf(view, run)) === 'assistant')
    return undefined;
  const { leases } = view.results(runId);
  return open.find(({ contact_id }) => {
    const holder = leases.get(contact_id)?.holder;
    return holder === undefined || holder === self || !view.isAlive(holder);
  });
}

/** The runs with actions that were sent back to a model, and that no living process works on. */
export function runsToRevise(view: View, self: string): string[] {
  return [...view.waiting().keys()].filter((runId) => firstFree(view, self, runId) !== undefined);
}

function claim(house: House, runId: string): Promise<Claimed | undefined> {
  return house.commit(PRODUCT, (view, moment) => {
    const { now, at, holder } = moment;
    const ref = firstFree(view, holder, runId);
    const run = view.run(runId);
    if (!ref || !run) return { events: [], value: undefined };
    const { contact_id, action_index: revises } = ref;
    const before = view.results(runId).leases.get(contact_id);
    const takes = before?.revises === revises ? (before.takes ?? 0) + 1 : 1;
    const evaluation_id = moment.newId('ev');
    const until = new Date(now.getTime() + ANSWER_WITHIN_MS).toISOString();
    const lease = { evaluation_id, by: PRODUCT, until, revises, holder, takes };
    const base = { run_id: runId, agent_id: run.agent_id, contact_id, at };
    const value: Claimed = { run, agent: mindOf(view, run), ref, evaluation_id, takes };
    return { events: [{ type: 'evaluation_leased', ...base, ...lease }], value };
  });
}

/** Asks the model. Undefined where the contact was deleted, or this process ends before the answer. */
async function modelAnswer(
  house: House,
  { run, agent, ref, takes }: Claimed,
  signal: AbortSignal,
): Promise<EvaluationOutcome | undefined> {
  const contactId = ref.contact_id;
  if (takes > MOST_TAKES) return { contactId, error: LOST };
  const provider = effectiveProvider(agent);
  try {
    const evaluator = findEvaluator(provider);
    if (!evaluator) throw new AppError('PROVIDER_ERROR', `The provider "${provider}" isn't in this build.`);
    const evaluate = await evaluator.prepare(agent, await meansOf(house, run, agent));
    const { context, sight } = await house.read((view, { now }) => ({
      context: revisionContext(view, agent, ref, now),
      sight: sightOf(view, { agent, contactId }, now),
    }));
    return context && { contactId, sight, evaluation: await evaluate(context, signal) };
  } catch (error) {
    if (signal.aborted) return undefined;
    house.deps.log.warn({ error: String(error), run_id: run.id }, 'an action could not be revised');
    return failedOutcome(contactId, error);
  }
}

/** Writes what came of a revision, unless another process took it over, or it has its answer. */
async function record(house: House, claimed: Claimed, outcome: EvaluationOutcome): Promise<void> {
  const { agent, ref, evaluation_id } = claimed;
  await house.store.renew();
  const draft = await house.read((view) => findAction(view, ref));
  const again = draft && outcome.error ? [{ type: draft.type, params: effectiveParams(draft) }] : [];
  const offers = await offersFor(house, agent, outcome.evaluation?.proposed_actions ?? again);
  await house.commit(PRODUCT, (view, moment) => {
    const nothing = { events: [], value: undefined };
    const run = view.run(ref.run_id);
    const lease = view.results(ref.run_id).leases.get(ref.contact_id);
    if (!run || lease?.evaluation_id !== evaluation_id) return nothing;
    const recorded = revisionRecorded(view, moment, { run, agent, offers }, { ref, outcome });
    return recorded ? { events: [recorded, ...supersededBy(view, recorded)], value: undefined } : nothing;
  });
}

async function work(house: House, runId: string, signal: AbortSignal): Promise<void> {
  await house.store.renew(true);
  const heartbeat = setInterval(() => void house.store.renew(), RENEW_MS);
  heartbeat.unref();
  try {
    while (!signal.aborted) {
      const claimed = await claim(house, runId);
      if (!claimed) return;
      const outcome = await modelAnswer(house, claimed, signal);
      if (!outcome) return;
      await record(house, claimed, outcome);
    }
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * Has the model revise what was sent back to it in a run, one action after the other, in the background. Does nothing
 * where this process is at it already. The promise ends with the work, and never fails.
 */
export function startRevisions({ whole: house }: House, runId: string): Promise<void> {
  const key = `revisions of ${runId}`;
  const underWay = house.runs.get(key);
  if (underWay || house.ending) return underWay?.done ?? Promise.resolve();
  const stop = new AbortController();
  const done = work(house, runId, stop.signal)
    .catch((error: unknown) =>
      house.deps.log.error({ error: String(error), run_id: runId }, 'a revision ended with an error'),
    )
    .finally(() => house.runs.delete(key));
  house.runs.set(key, { done, stop });
  return done;
}

import { allowedActions, unusableOf } from '../../actions/allowed.ts';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict, invalid } from '../../domain/base/errors.ts';
import { isRunOver, type Lease, type Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { type Briefing, briefingOf } from '../../evaluators/briefing.ts';
import type { Evaluation } from '../../evaluators/evaluator.ts';
import { answeredThen, type PastCases, pastForAssistant } from '../backtest/assistant-then.ts';
import { contextThen } from '../backtest/replay-case.ts';
import { contextOf } from '../base/context.ts';
import type { House } from '../base/house.ts';
import { findRun } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { startAttempts } from '../execution/attempt.ts';
import { applyApproved } from '../execution/own-effects.ts';
import { demandReleased } from '../gate/brake.ts';
import { sightOf } from '../gate/sight.ts';
import { offersOf } from '../gate/tool-offers.ts';
import { supersededBy } from '../gate/waiting.ts';
import { type AnsweredItem, answeredItem, type Item } from './answered.ts';
import { resultOf } from './results.ts';
import { mindOf, openRevisions, revisionContext, revisionRecorded } from './revisions.ts';
import { startNext } from './run-loop.ts';

type ResultsRecorded = Extract<Event, { type: 'results_recorded' }>;

/** An assistant has to answer within this time; then its contact may be handed to another. */
const ANSWER_WITHIN_MS = 600_000;
/** The most tokens that a blocked action takes in an answer, so that the next contact fits beside it. */
const BLOCKED_TOKENS = 150;

export type HandOut = Briefing & { evaluation_id: string; contact_id: string; answer_before: string };
/**
 * What an assistant gets that asks for the next contact. Without an `evaluation`, the run is over (`done`), or others
 * have the remaining contacts in hand, or the brake keeps them back (`paused`). `remaining` is how many contacts have no
 * result yet.
 */
export type Handing = { evaluation?: HandOut; done: boolean; remaining: number; paused?: true };

/**
 * Refuses a run that an assistant can't evaluate. A completed one passes: the assistant is told that it is done. So does
 * one of which an action was sent back.
 */
function demandAwaiting(view: View, run: Run): void {
  const provider = effectiveProvider(mindOf(view, run));
  if (provider !== 'assistant') {
    throw invalid(
      `Run ${run.id} is evaluated by the provider "${provider}", not by an assistant: get_run shows how far it is.`,
      { run_id: `provider ${provider}` },
    );
  }
  if (run.status === 'awaiting_evaluation' || run.status === 'completed') return;
  if (openRevisions(view, run.id).length > 0) return;
  throw conflict(
    run.status === 'queued'
      ? `Run ${run.id} is queued behind an earlier run of its agent. Finish that one or cancel_run it; list_runs shows it.`
      : `Run ${run.id} is ${run.status}, so it takes no evaluations. trigger_agent makes a new run.`,
    { status: run.status },
  );
}

/** Who asks for the next contact, and with which tools; `justDone` is what the same commit records. */
type HandingOver = { by: Author; offers: Offers | undefined; past: PastCases; justDone?: Item };

/** `isOver`: the run has ended by now, whatever else is in hand. */
type HandingStep = { events: Event[]; handing: Handing; isOver: boolean };

/** What is left of a run: actions that were sent back first, because a person waits for them, then its contacts. */
function itemsLeft(view: View, run: Run, justDone: Item | undefined): { again: Item[]; open: Item[] } {
  const { targets, results } = view.results(run.id);
  const isJustDone = (item: Item) => item.contact_id === justDone?.contact_id && item.revises === justDone.revises;
  const again = openRevisions(view, run.id).map(({ contact_id, action_index }) => ({
    contact_id,
    revises: action_index,
  }));
  const unseen = isRunOver(run.status) ? [] : targets.filter((id) => !results.has(id));
  const open = unseen.map((contact_id): Item => ({ contact_id }));
  return { again: again.filter((item) => !isJustDone(item)), open: open.filter((item) => !isJustDone(item)) };
}

/** Hands out one contact, if nobody has it in hand. */
function handOver(
  view: View,
  moment: Moment,
  run: Run,
  { contact_id, revises, by, offers, past, justDone }: Item & HandingOver,
): { event: Event; evaluation: HandOut } | undefined {
  const { now, at } = moment;
  const held = view.results(run.id).leases.get(contact_id);
  // The lease of what the same commit records ends with it.
  if (held && held.until > at && contact_id !== justDone?.contact_id) return undefined;
  const agent = mindOf(view, run);
  const address = { run_id: run.id, contact_id };
  const isBacktest = run.trigger === 'backtest';
  const then = past.get(contact_id);
  if (isBacktest && !then) return undefined;
  const context = then
    ? contextThen(wholeOf(view), then, agent)
    : revises === undefined
      ? contextOf(view, agent, contact_id, now)
      : revisionContext(view, agent, { ...address, action_index: revises }, now);
  if (!context) return undefined;
  const evaluation_id = moment.newId('ev');
  const until = new Date(now.getTime() + ANSWER_WITHIN_MS).toISOString();
  const sight = isBacktest ? undefined : sightOf(view, { agent, contactId: contact_id }, now);
  const lease: Lease = {
    evaluation_id,
    by: nameOf(by),
    until,
    ...(revises === undefined ? {} : { revises }),
    ...sight,
  };
  const briefing = briefingOf(context, allowedActions(agent, offers), unusableOf(offers));
  return {
    event: { type: 'evaluation_leased', ...address, agent_id: run.agent_id, at, ...lease },
    evaluation: { evaluation_id, contact_id, answer_before: until, ...briefing },
  };
}

/** Hands out the first contact that nobody has in hand; ends the run when all have results. */
function handOut(view: View, moment: Moment, run: Run, over: HandingOver): HandingStep {
  const { again, open } = itemsLeft(view, run, over.justDone);
  const { at } = moment;
  const isOver = open.length === 0;
  const events: Event[] = [];
  if (isOver && !isRunOver(run.status))
    events.push({ type: 'run_ended', run_id: run.id, agent_id: run.agent_id, at, status: 'completed' });
  const remaining = again.length + open.length;
  if (remaining > 0 && view.brake().on) return { events, handing: { done: false, remaining, paused: true }, isOver };
  for (const item of [...again, ...open]) {
    const handed = handOver(view, moment, run, { ...over, ...item });
    if (handed)
      return {
        events: [...events, handed.event],
        handing: { evaluation: handed.evaluation, done: false, remaining },
        isOver,
      };
  }
  return { events, handing: { done: remaining === 0, remaining }, isOver };
}

/** The tools of the MCP servers of a run's agent. Asked for before a commit, because a commit can't wait for them. */
async function toolsOf(house: House, runId: string): Promise<Offers | undefined> {
  const agent = await house.read((view) => mindOf(view, findRun(view, runId)));
  const offers = await offersOf(house, agent);
  if (house.ending) throw conflict('This Countersign process is about to end. Nothing was recorded.');
  return offers;
}

/** Hands the next contact of a run to an assistant, for ten minutes. Meanwhile no other caller gets that contact. */
export async function nextEvaluation(house: House, by: Author, runId: string): Promise<Handing> {
  const demandGoing = (view: View) => demandReleased(view, 'No contact is handed out');
  await house.read(demandGoing);
  const offers = await toolsOf(house, runId);
  const past = await pastForAssistant(house.whole, runId);
  const { step, agentId } = await house.commit(by, (view, moment) => {
    demandGoing(view);
    const run = findRun(view, runId);
    demandAwaiting(view, run);
    const step = handOut(view, moment, run, { by, offers, past });
    return { events: step.events, value: { step, agentId: run.agent_id } };
  });
  if (step.isOver) startNext(house, agentId);
  return step.handing;
}

export type Submission = Handing & { accepted: number; blocked: { type: string; params: object; reason: string }[] };

type Answer = { run_id: string; evaluation_id: string } & Evaluation;

/** The event that records an assistant's answer, passed through the gate. */
function recording(
  view: View,
  moment: Moment,
  {
    run,
    agent,
    offers,
    past,
    item,
  }: { run: Run; agent: Agent; offers: Offers | undefined; past: PastCases; item: AnsweredItem },
  { evaluation_id, reasoning, proposed_actions }: Answer,
): ResultsRecorded {
  const { contact_id, revises, sight } = item;
  const outcome = { contactId: contact_id, sight, evaluation: { reasoning, proposed_actions } };
  const source = 'assistant' as const;
  const base = { type: 'results_recorded' as const, run_id: run.id, agent_id: agent.id, at: moment.at };
  const dry_run = run.dry_run;
  const then = past.get(contact_id);
  if (run.trigger === 'backtest') {
    if (!then) throw conflict('The contact of then can’t be read any more. Nothing was recorded.');
    const evaluation = { reasoning, proposed_actions };
    const result = answeredThen(wholeOf(view), run, then, { candidate: agent, evaluation, at: moment.at, offers });
    return { ...base, dry_run, backtest: true, results: [{ ...result, evaluation_id }] };
  }
  if (revises === undefined) {
    const gated = { id: run.id, dry_run, source };
    const result = resultOf(view, moment, { run: gated, agent, offers }, outcome);
    return { ...base, dry_run, results: [{ ...result, evaluation_id }] };
  }
  const ref = { run_id: run.id, contact_id, action_index: revises };
  const recorded = revisionRecorded(view, moment, { run, agent, offers, source }, { ref, outcome });
  if (!recorded) throw conflict(`Action ${revises} of contact "${contact_id}" has its answer. Nothing was recorded.`);
  return { ...recorded, results: recorded.results.map((result) => ({ ...result, evaluation_id })) };
}

/**
 * Passes an assistant's answer through the gate, and hands out the next contact in the same commit. While the brake is
 * on, the answer is taken all the same, as a run's contact in hand is: what it proposes waits, and no other contact is
 * handed out.
 */
export async function submitEvaluation(house: House, by: Author, args: Answer): Promise<Submission> {
  const offers = await toolsOf(house, args.run_id);
  const past = await pastForAssistant(house.whole, args.run_id, args.evaluation_id);
  const { submission, agentId, isOver } = await house.commit(by, (view, moment) => {
    const run = findRun(view, args.run_id);
    const item = answeredItem(view, run, args.evaluation_id, moment.at);
    demandAwaiting(view, run);
    const agent = mindOf(view, run);
    const recorded = recording(view, moment, { run, agent, offers, past, item }, args);
    const [result] = recorded.results;
    const next = handOut(view, moment, run, { by, offers, past, justDone: item });
    const value: Submission = {
      accepted: result?.proposed_actions.length ?? 0,
      blocked: result?.blocked_actions.map((action) => fitting(action, BLOCKED_TOKENS)) ?? [],
      ...next.handing,
    };
    const own = [...supersededBy(view, recorded), ...applyApproved(view, agent, recorded)];
    const events = [recorded, ...own, ...next.events];
    return { events, value: { submission: value, agentId: agent.id, isOver: next.isOver } };
  });
  startAttempts(house);
  if (isOver) startNext(house, agentId);
  return submission;
}

import { allowedActions } from '../../actions/allowed.ts';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict, invalid, notFound } from '../../domain/base/errors.ts';
import { isRunOver, type Lease, type Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { type Briefing, briefingOf } from '../../evaluators/briefing.ts';
import type { Evaluation } from '../../evaluators/evaluator.ts';
import { contextOf } from '../base/context.ts';
import type { House } from '../base/house.ts';
import { findRun } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { startAttempts } from '../execution/attempt.ts';
import { applyApproved } from '../execution/own-effects.ts';
import { demandReleased } from '../gate/brake.ts';
import { offersOf } from '../gate/tool-offers.ts';
import { resultOf } from './results.ts';
import { startNext } from './run-loop.ts';

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

function agentOf(view: View, run: Run): Agent {
  const agent = view.agentFile(run.agent_id).versions.find((item) => item.version === run.agent_version);
  if (!agent) throw notFound(`The agent of run ${run.id} was deleted.`);
  return agent;
}

/** Refuses a run that an assistant can't evaluate. A completed one passes: the assistant is told that it is done. */
function demandAwaiting(view: View, run: Run): void {
  const provider = effectiveProvider(agentOf(view, run));
  if (provider !== 'assistant') {
    throw invalid(
      `Run ${run.id} is evaluated by the provider "${provider}", not by an assistant: get_run shows how far it is.`,
      { run_id: `provider ${provider}` },
    );
  }
  if (run.status === 'awaiting_evaluation' || run.status === 'completed') return;
  throw conflict(
    run.status === 'queued'
      ? `Run ${run.id} is queued behind an earlier run of its agent. Finish that one or cancel_run it; list_runs shows it.`
      : `Run ${run.id} is ${run.status}, so it takes no evaluations. trigger_agent makes a new run.`,
    { status: run.status },
  );
}

/** Who asks for the next contact, and with which tools; `justDone` is the contact that the same commit records. */
type HandingOver = { by: Author; offers: Offers | undefined; justDone?: string };

type HandingStep = { events: Event[]; handing: Handing };

/** Hands out the first contact without a result that nobody has in hand; ends the run when all have results. */
function handOut(view: View, moment: Moment, run: Run, { by, offers, justDone }: HandingOver): HandingStep {
  const { targets, results, leases } = view.results(run.id);
  const open = targets.filter((id) => !results.has(id) && id !== justDone);
  const { now, at } = moment;
  const base = { run_id: run.id, agent_id: run.agent_id, at };
  if (open.length === 0) {
    const ended: Event = { type: 'run_ended', ...base, status: 'completed' };
    return { events: isRunOver(run.status) ? [] : [ended], handing: { done: true, remaining: 0 } };
  }
  if (view.brake().on) return { events: [], handing: { done: false, remaining: open.length, paused: true } };
  const agent = agentOf(view, run);
  for (const contact_id of open) {
    const held = leases.get(contact_id);
    if (held && held.until > at) continue;
    const context = contextOf(view, agent, contact_id, now);
    if (!context) continue;
    const lease: Lease = {
      evaluation_id: moment.newId('ev'),
      by: nameOf(by),
      until: new Date(now.getTime() + ANSWER_WITHIN_MS).toISOString(),
    };
    const { evaluation_id, until: answer_before } = lease;
    const briefing = briefingOf(context, allowedActions(agent, offers));
    const evaluation = { evaluation_id, contact_id, answer_before, ...briefing };
    return {
      events: [{ type: 'evaluation_leased', ...base, contact_id, ...lease }],
      handing: { evaluation, done: false, remaining: open.length },
    };
  }
  return { events: [], handing: { done: false, remaining: open.length } };
}

/** The tools of the MCP servers of a run's agent. Asked for before a commit, because a commit can't wait for them. */
async function toolsOf(house: House, runId: string): Promise<Offers | undefined> {
  const agent = await house.read((view) => agentOf(view, findRun(view, runId)));
  const offers = await offersOf(house, agent);
  if (house.ending) throw conflict('This Countersign process is about to end. Nothing was recorded.');
  return offers;
}

/** Hands the next contact of a run to an assistant, for ten minutes. Meanwhile no other caller gets that contact. */
export async function nextEvaluation(house: House, by: Author, runId: string): Promise<Handing> {
  const demandGoing = (view: View) => demandReleased(view, 'No contact is handed out');
  await house.read(demandGoing);
  const offers = await toolsOf(house, runId);
  const { handing, agentId } = await house.commit(by, (view, moment) => {
    demandGoing(view);
    const run = findRun(view, runId);
    demandAwaiting(view, run);
    const step = handOut(view, moment, run, { by, offers });
    return { events: step.events, value: { handing: step.handing, agentId: run.agent_id } };
  });
  if (handing.done) startNext(house, agentId);
  return handing;
}

/** The contact that an answer is about; CONFLICT where the answer is late, or the contact was answered before. */
function answered(view: View, run: Run, evaluationId: string, at: string): string {
  const { leases, results } = view.results(run.id);
  const again = 'Nothing was recorded. Call next_evaluation for the next contact.';
  const done = [...results.values()].find((result) => result.evaluation_id === evaluationId);
  if (done)
    throw conflict(`Evaluation ${evaluationId} was answered already. ${again}`, { contact_id: done.contact_id });
  if (isRunOver(run.status))
    throw conflict(`Run ${run.id} is ${run.status}, so the answer comes too late. Nothing was recorded.`, {
      status: run.status,
    });
  const held = [...leases].find(([, lease]) => lease.evaluation_id === evaluationId);
  if (!held) {
    throw conflict(
      `Evaluation ${evaluationId} can't be answered in run ${run.id}: after ten minutes its contact was given to another, its contact was deleted, or it belongs to another run. ${again}`,
      { evaluation_id: 'not in hand' },
    );
  }
  const [contactId, { until }] = held;
  if (until > at) return contactId;
  throw conflict(`Evaluation ${evaluationId} had to be answered before ${until}. ${again}`, { answer_before: until });
}

export type Submission = Handing & { accepted: number; blocked: { type: string; params: object; reason: string }[] };

/**
 * Passes an assistant's answer through the gate, and hands out the next contact in the same commit. While the brake is
 * on, the answer is taken all the same, as a run's contact in hand is: what it proposes waits, and no other contact is
 * handed out.
 */
export async function submitEvaluation(
  house: House,
  by: Author,
  args: { run_id: string; evaluation_id: string } & Evaluation,
): Promise<Submission> {
  const offers = await toolsOf(house, args.run_id);
  const { submission, agentId } = await house.commit(by, (view, moment) => {
    const run = findRun(view, args.run_id);
    const { at } = moment;
    const contactId = answered(view, run, args.evaluation_id, at);
    demandAwaiting(view, run);
    const agent = agentOf(view, run);
    const { reasoning, proposed_actions } = args;
    const outcome = { contactId, evaluation: { reasoning, proposed_actions } };
    const gated = { id: run.id, dry_run: run.dry_run, source: 'assistant' as const };
    const result = {
      ...resultOf(view, moment, { run: gated, agent, offers }, outcome),
      evaluation_id: args.evaluation_id,
    };
    const base = { type: 'results_recorded' as const, run_id: run.id, agent_id: agent.id, at };
    const recorded = { ...base, dry_run: run.dry_run, results: [result] };
    const next = handOut(view, moment, run, { by, offers, justDone: contactId });
    const value: Submission = {
      accepted: result.proposed_actions.length,
      blocked: result.blocked_actions.map((action) => fitting(action, BLOCKED_TOKENS)),
      ...next.handing,
    };
    const events = [recorded, ...applyApproved(view, agent, recorded), ...next.events];
    return { events, value: { submission: value, agentId: agent.id } };
  });
  startAttempts(house);
  if (submission.done) startNext(house, agentId);
  return submission;
}

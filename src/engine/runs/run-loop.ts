import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import { isRunOver, type Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { replayAll } from '../backtest/replay.ts';
import type { House } from '../base/house.ts';
import { evaluateAll } from './evaluate.ts';
import { agentOfRun, isLeftTo, isShared, joinable, mayBeShared, partakersOf } from './sharing.ts';
import { findAgentTargets } from './targeting.ts';

const BY = PRODUCT;
const RENEW_MS = 4_000;
/** A run that so many processes took up in turn, and that hung or killed each of them before a contact was done, is given up. */
const MOST_TAKES = 2;

const GIVEN_UP = {
  code: 'LIMIT_EXCEEDED',
  message:
    'Two processes in turn took this run up, and each hung or died before a contact got its result. The next contact is one without a result in get_run: look at its fields and events, and at rules, patterns and templates that are slow on them. trigger_agent makes a new run; with contact_ids it can leave contacts out.',
};

/**
 * A run that was taken; without an agent to evaluate with where it ended instead, or an assistant evaluates it. `joins`:
 * others evaluate it too.
 */
type Claimed = { run: Run; agent?: Agent; joins?: true };

/** Statuses in which a run keeps the next run of its agent queued. */
const BUSY: ReadonlySet<string> = new Set(['running', 'awaiting_evaluation']);

/** How many of an agent's runs are over. While the number is the same, no run has evaluated its share of the contacts. */
function countOver(view: View, agentId: string): number {
  return view.runsOf(agentId).filter(({ status }) => isRunOver(status)).length;
}

/** What a search for a run's contacts found, and how many runs of its agent were over when it began. */
type Search = { ids: string[] | undefined; over: number };

/**
 * The contacts of a run that hasn't started yet: those that its caller named, else those that its agent's filter finds.
 * Undefined for any other run.
 */
async function targetsOf(house: House, runId: string): Promise<Search> {
  const { agent, named, over } = await house.read((view) => {
    const run = view.run(runId);
    if (!run || run.started_at || isRunOver(run.status)) return { over: 0 };
    const named = view.results(runId).contact_ids;
    return { agent: agentOfRun(view, run), named, over: countOver(view, run.agent_id) };
  });
  return { ids: named ?? (agent && (await findAgentTargets(house, agent)).ids), over };
}

/** Whether another process, or an earlier run of the agent, keeps a run from being taken. */
function isKeptBack(view: View, self: string, run: Run): boolean {
  const { id, agent_id, trigger } = run;
  // A run stays with the living processes that evaluate it. If that is this process, the run was interrupted, by a failed
  // write for example, and may be taken again.
  if (run.status === 'running') return !isLeftTo(view, self, run);
  if (trigger === 'backtest') return false;
  return view.unfinished(agent_id).some((other) => other.run_id !== id && !other.backtest && BUSY.has(other.status));
}

/**
 * How many processes took a run up in turn while no contact got its result, counting the one that takes it now. One that
 * ended in order doesn't count: nothing in the run was to blame. In a shared run the contacts that it took are counted instead.
 */
function takesOf(view: View, self: string, { status, holder, helpers, takes = 1 }: Run): number {
  if (status !== 'running' || holder === undefined || helpers !== undefined) return 1;
  return holder === self || view.hasLeft(holder) ? takes : takes + 1;
}

/** Ends a run that hasn't started, because the search for its contacts takes too much work. */
function giveUp(house: House, runId: string, { code, message }: AppError): Promise<Claimed | undefined> {
  return house.commit(BY, (view, { at }) => {
    const run = view.run(runId);
    if (run?.status !== 'queued') return { events: [], value: undefined };
    const ended = { type: 'run_ended' as const, run_id: runId, agent_id: run.agent_id, at };
    return { events: [{ ...ended, status: 'failed', error: { code, message } }], value: { run } };
  });
}

/** The events that start a run, or take up one that a dead process left, and end it at once where nothing is left to do. */
function startEvents(view: View, run: Run, agent: Agent, { at, holder, ids, isShared }: Start): Event[] {
  const awaits = effectiveProvider(agent) === 'assistant';
  const base = { run_id: run.id, agent_id: agent.id, at };
  const takes = takesOf(view, holder, run);
  if (takes > MOST_TAKES) return [{ type: 'run_ended', ...base, status: 'failed', error: GIVEN_UP }];
  const started: Event = {
    ...{ type: 'run_started', ...base, ...(awaits ? { awaits } : { holder }) },
    ...(takes > 1 ? { takes } : {}),
    ...(isShared && !awaits ? { shared: true } : {}),
  };
  // Contacts that were deleted since the search are no targets.
  if (!run.started_at) started.targets = ids.filter((id) => view.hasContact(id));
  // Without targets the run ends at once: no assistant has to ask for a contact that isn't there.
  const isDone = awaits && started.targets?.length === 0;
  return isDone ? [started, { type: 'run_ended', ...base, status: 'completed' }] : [started];
}

type Start = { at: string; holder: string; ids: string[]; isShared: boolean };

/**
 * Takes a run that no living process works on; undefined where it can't be taken, `again` where another run of the agent
 * has ended since the search began: its contacts are evaluated now, so others come first.
 */
async function tryClaim(house: House, runId: string, mayJoin: boolean): Promise<Claimed | undefined | 'again'> {
  const { ids, over } = await targetsOf(house, runId);
  return house.commit<Claimed | undefined | 'again'>(BY, (view, moment) => {
    const { at, holder, config } = moment;
    const run = view.run(runId);
    const nothing = { events: [], value: undefined };
    if (!run || isRunOver(run.status) || run.status === 'awaiting_evaluation') return nothing;
    if (view.brake().on) return nothing;
    const agent = agentOfRun(view, run);
    if (isKeptBack(view, holder, run)) {
      const joins = agent && mayJoin && joinable(view, moment, runId, house.deps) !== undefined;
      return joins ? { events: [], value: { run, agent, joins } } : nothing;
    }
    if (!agent || (!run.started_at && !ids)) return nothing;
    if (!run.started_at && countOver(view, run.agent_id) !== over) return { events: [], value: 'again' };
    const mayShare = house.store.calls !== undefined && run.trigger !== 'backtest';
    const shared = mayShare && mayBeShared(agent, modelProvider(agent) !== undefined, config);
    const events = startEvents(view, run, agent, { at, holder, ids: ids ?? [], isShared: shared });
    const isOurs = events.every((event) => event.type === 'run_started' && !event.awaits);
    return { events, value: isOurs ? { run, agent } : { run } };
  });
}

async function claim(house: House, runId: string, mayJoin: boolean): Promise<Claimed | undefined> {
  try {
    for (;;) {
      const claimed = await tryClaim(house, runId, mayJoin);
      if (claimed !== 'again') return claimed;
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'LIMIT_EXCEEDED') return giveUp(house, runId, error);
    throw error;
  }
}

/**
 * Ends a run. One that other processes share isn't over where this one alone reaches no provider: it leaves the run to them. The
 * last of them ends it.
 */
async function end(
  house: House,
  run: Run,
  status: 'completed' | 'failed',
  error?: { code: string; message: string },
): Promise<void> {
  const hasLeft = await house.commit(BY, (view, { at, holder }) => {
    const current = view.run(run.id);
    if (current?.status !== 'running' || !partakersOf(current).includes(holder)) return { events: [], value: false };
    const base = { run_id: run.id, agent_id: run.agent_id, at };
    if (error?.code === 'PROVIDER_ERROR' && isShared(current) && !isLeftTo(view, holder, current))
      return { events: [{ type: 'targets_taken', ...base, holder, leaves: true, targets: [] }], value: true };
    return { events: [{ type: 'run_ended', ...base, status, ...(error ? { error } : {}) }], value: false };
  });
  if (hasLeft) house.deps.log.warn({ run_id: run.id, error: error?.message }, 'a run is left to other processes');
}

async function work(house: House, runId: string, mayJoin: boolean, signal: AbortSignal): Promise<void> {
  await house.store.renew(true);
  const claimed = await claim(house, runId, mayJoin);
  if (!claimed) return;
  const { run, agent } = claimed;
  if (!agent) return startNext(house, run.agent_id);
  const heartbeat = setInterval(() => void house.store.renew(), RENEW_MS);
  heartbeat.unref();
  try {
    const isBacktest = run.trigger === 'backtest';
    const { isOver, halt } = await (isBacktest ? replayAll : evaluateAll)(house, run, agent, signal);
    if (isOver) await end(house, run, halt ? 'failed' : 'completed', halt);
  } catch (error) {
    const level = claimed.joins ? 'warn' : 'error';
    house.deps.log[level]({ error: String(error), run_id: runId }, 'a run failed');
    const known = error instanceof AppError ? error : new AppError('INTERNAL', `The run failed: ${String(error)}`);
    if (known.code !== 'STORE_ERROR') await end(house, run, 'failed', { code: known.code, message: known.message });
  } finally {
    clearInterval(heartbeat);
  }
  startNext(house, run.agent_id);
}

/**
 * Works on a run in the background; with `mayJoin` also on one that others evaluate. Does nothing where this process works on it
 * already, or is about to end.
 */
export function startRun({ whole: house }: House, runId: string, mayJoin = false): void {
  if (house.ending || house.runs.has(runId)) return;
  const stop = new AbortController();
  const done = work(house, runId, mayJoin, stop.signal)
    .catch((error: unknown) =>
      house.deps.log.error({ error: String(error), run_id: runId }, 'a run ended with an error'),
    )
    .finally(() => house.runs.delete(runId));
  house.runs.set(runId, { done, stop });
}

/** Starts the oldest queued run of an agent, if there is one. */
export function startNext({ whole: house }: House, agentId: string): void {
  const next = house.read((view) => {
    const queued = view.unfinished(agentId).find((item) => item.status === 'queued' && !item.backtest);
    return queued?.run_id;
  });
  next.then(
    (runId) => runId && setImmediate(() => startRun(house, runId)),
    (error: unknown) => house.deps.log.warn({ error: String(error) }, 'the next run could not be started'),
  );
}

import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import { isRunOver, type Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { evaluateAll } from './evaluate.ts';
import { findAgentTargets } from './targeting.ts';

const BY = PRODUCT;
const RENEW_MS = 4_000;

type Claimed = { run: Run; agent: Agent; awaits: boolean };

/** Statuses in which a run keeps the next run of its agent queued. */
const BUSY: ReadonlySet<string> = new Set(['running', 'awaiting_evaluation']);

/** The version of an agent that a run is to evaluate with. */
function agentOf(view: View, run: Run): Agent | undefined {
  return view.agentFile(run.agent_id).versions.find((item) => item.version === run.agent_version);
}

/**
 * The contacts of a run that hasn't started yet: those that its caller named, else those that its agent's filter finds.
 * Undefined for any other run.
 */
async function targetsOf(house: House, runId: string): Promise<string[] | undefined> {
  const { agent, named } = await house.read((view) => {
    const run = view.run(runId);
    if (!run || run.started_at || isRunOver(run.status)) return {};
    return { agent: agentOf(view, run), named: view.results(runId).contact_ids };
  });
  return named ?? (agent && (await findAgentTargets(house, agent)).ids);
}

/** Whether another process, or an earlier run of the agent, keeps a run from being taken. */
function isKeptBack(view: View, self: string, { id, agent_id, status, holder }: Run): boolean {
  // A run stays with the living process that holds it. If that is this process, the run was interrupted, by a failed
  // write for example, and may be taken again.
  if (status === 'running') return holder !== undefined && holder !== self && view.isAlive(holder);
  return view.unfinished(agent_id).some((other) => other.run_id !== id && BUSY.has(other.status));
}

/** Takes a run that no living process works on; undefined where it can't be taken. */
async function claim(house: House, runId: string): Promise<Claimed | undefined> {
  const found = await targetsOf(house, runId);
  return house.commit(BY, (view, { at, holder }) => {
    const run = view.run(runId);
    const nothing = { events: [], value: undefined };
    if (!run || isRunOver(run.status) || run.status === 'awaiting_evaluation') return nothing;
    if (view.brake().on || isKeptBack(view, holder, run)) return nothing;
    const agent = agentOf(view, run);
    if (!agent || (!run.started_at && !found)) return nothing;
    const awaits = effectiveProvider(agent) === 'assistant';
    const base = { run_id: run.id, agent_id: agent.id, at };
    const started: Event = { type: 'run_started', ...base, ...(awaits ? { awaits } : { holder }) };
    // Contacts that were deleted since the search are no targets.
    if (!run.started_at) started.targets = (found ?? []).filter((id) => view.contact(id) !== undefined);
    const events: Event[] = [started];
    // Without targets the run ends at once: no assistant has to ask for a contact that isn't there.
    if (awaits && started.targets?.length === 0) events.push({ type: 'run_ended', ...base, status: 'completed' });
    return { events, value: { run, agent, awaits } };
  });
}

function end(
  house: House,
  run: Run,
  status: 'completed' | 'failed',
  error?: { code: string; message: string },
): Promise<void> {
  return house.commit(BY, (view, { at, holder }) => {
    const current = view.run(run.id);
    if (current?.status !== 'running' || current.holder !== holder) return { events: [], value: undefined };
    return {
      events: [{ type: 'run_ended', run_id: run.id, agent_id: run.agent_id, status, at, ...(error ? { error } : {}) }],
      value: undefined,
    };
  });
}

async function work(house: House, runId: string, signal: AbortSignal): Promise<void> {
  await house.store.renew();
  const claimed = await claim(house, runId);
  if (!claimed || claimed.awaits) return;
  const heartbeat = setInterval(() => void house.store.renew(), RENEW_MS);
  heartbeat.unref();
  try {
    const { run, agent } = claimed;
    const { isOver, halt } = await evaluateAll(house, run, agent, signal);
    if (isOver) await end(house, run, halt ? 'failed' : 'completed', halt);
  } catch (error) {
    house.deps.log.error({ error: String(error), run_id: runId }, 'a run failed');
    const known = error instanceof AppError ? error : new AppError('INTERNAL', `The run failed: ${String(error)}`);
    if (known.code !== 'STORE_ERROR')
      await end(house, claimed.run, 'failed', { code: known.code, message: known.message });
  } finally {
    clearInterval(heartbeat);
  }
  startNext(house, claimed.run.agent_id);
}

/** Works on a run in the background. Does nothing where this process works on it already, or is about to end. */
export function startRun(house: House, runId: string): void {
  if (house.ending || house.runs.has(runId)) return;
  const stop = new AbortController();
  const done = work(house, runId, stop.signal)
    .catch((error: unknown) =>
      house.deps.log.error({ error: String(error), run_id: runId }, 'a run ended with an error'),
    )
    .finally(() => house.runs.delete(runId));
  house.runs.set(runId, { done, stop });
}

/** Starts the oldest queued run of an agent, if there is one. */
export function startNext(house: House, agentId: string): void {
  const next = house.read((view) => {
    const queued = view.unfinished(agentId).find((item) => item.status === 'queued');
    return queued?.run_id;
  });
  next.then(
    (runId) => runId && setImmediate(() => startRun(house, runId)),
    (error: unknown) => house.deps.log.warn({ error: String(error) }, 'the next run could not be started'),
  );
}

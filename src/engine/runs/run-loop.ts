import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import { isRunOver, type Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { House } from '../base/house.ts';
import { evaluateAll } from './evaluate.ts';
import { filterTargets } from './targeting.ts';

const BY = PRODUCT;
const RENEW_MS = 4_000;

type Claimed = { run: Run; agent: Agent; awaits: boolean };

/** Statuses in which a run keeps its agent's next one waiting. */
const BUSY: ReadonlySet<string> = new Set(['running', 'awaiting_evaluation']);

/** Takes a run that nobody alive works on; undefined where there is nothing to take. */
function claim(house: House, runId: string): Promise<Claimed | undefined> {
  const { store, deps } = house;
  return store.commit(BY, (view) => {
    const run = view.runs().get(runId);
    const nothing = { events: [], value: undefined };
    if (!run || isRunOver(run.status) || run.status === 'awaiting_evaluation') return nothing;
    // What this process holds but no longer works on was interrupted: a failed write, say.
    const isTaken = run.holder !== undefined && run.holder !== store.holder && store.isAlive(run.holder);
    const others = [...view.desk().unfinished.values()].filter(
      (item) => item.agent_id === run.agent_id && item.run_id !== runId,
    );
    if (run.status === 'running' ? isTaken : others.some((item) => BUSY.has(item.status))) return nothing;
    const agent = view.agent(run.agent_id).versions.find((item) => item.version === run.agent_version);
    if (!agent) return nothing;
    const at = deps.now().toISOString();
    const awaits = effectiveProvider(agent) === 'assistant';
    const base = { run_id: run.id, agent_id: agent.id, at };
    const started: Event = { type: 'run_started', ...base, ...(awaits ? { awaits } : { holder: store.holder }) };
    if (!run.started_at) started.targets = view.run(run.id).contact_ids ?? filterTargets(view, agent);
    const events: Event[] = [started];
    // Nobody has to come by for nothing.
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
  return house.store.commit(BY, (view) => {
    const current = view.runs().get(run.id);
    if (current?.status !== 'running' || current.holder !== house.store.holder) return { events: [], value: undefined };
    const at = house.deps.now().toISOString();
    return {
      events: [{ type: 'run_ended', run_id: run.id, agent_id: run.agent_id, status, at, ...(error ? { error } : {}) }],
      value: undefined,
    };
  });
}

async function work(house: House, runId: string, signal: AbortSignal): Promise<void> {
  house.store.renew();
  const claimed = await claim(house, runId);
  if (!claimed || claimed.awaits) return;
  const beat = setInterval(() => house.store.renew(), RENEW_MS);
  beat.unref();
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
    clearInterval(beat);
  }
  startNext(house, claimed.run.agent_id);
}

/** Works on a run in the background, once in this process. */
export function startRun(house: House, runId: string): void {
  if (house.ending || house.runs.has(runId)) return;
  const stop = new AbortController();
  const done = work(house, runId, stop.signal)
    .catch((error: unknown) => house.deps.log.error({ error: String(error), run_id: runId }, 'a run stopped'))
    .finally(() => house.runs.delete(runId));
  house.runs.set(runId, { done, stop });
}

/** Starts the oldest queued run of an agent. */
export function startNext(house: House, agentId: string): void {
  const next = house.store.read((view) => {
    const queued = [...view.desk().unfinished.values()].find(
      (item) => item.agent_id === agentId && item.status === 'queued',
    );
    return queued?.run_id;
  });
  next.then(
    (runId) => runId && setImmediate(() => startRun(house, runId)),
    (error: unknown) => house.deps.log.warn({ error: String(error) }, 'the next run could not be started'),
  );
}

import type { Agent } from '../../domain/agents/agent.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import { emptySummary, isRunOver, type Run, type RunTrigger } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { once, usedKey } from '../base/idempotency.ts';
import { findAgent, findRun } from '../base/lookup.ts';
import { expectedRunCost } from '../money/means.ts';
import { demandProvider } from '../money/model-check.ts';
import { startRun } from './run-loop.ts';
import { namedTargets, reachOf } from './targeting.ts';

export type RunCreated = Event & { type: 'run_created' };

export type RunStart = { trigger: RunTrigger; dry_run?: boolean | undefined; contact_ids?: string[] | undefined };

/** What makes a run of an agent; refused where the agent can't be triggered. */
export function newRun(house: House, view: View, agent: Agent, by: Author, start: RunStart): RunCreated {
  if (agent.status === 'archived') {
    throw conflict(
      `Agent "${agent.name}" is archived, so it can't be triggered. Revive it with update_agent {"changes": {"enabled": true}}.`,
      { status: agent.status },
    );
  }
  const { deps } = house;
  demandProvider(house, agent);
  const contact_ids = start.contact_ids && namedTargets(view, agent, start.contact_ids);
  const now = deps.now();
  const reach = reachOf(view, agent, contact_ids, now);
  const expected = expectedRunCost(house, view, agent, reach.targeted);
  const run: Run = {
    id: deps.newId('run'),
    job_id: deps.newId('job'),
    agent_id: agent.id,
    agent_version: agent.version,
    status: 'queued',
    trigger: start.trigger,
    dry_run: start.dry_run ?? false,
    created_at: now.toISOString(),
    created_by: nameOf(by),
    reach,
    ...(expected === undefined ? {} : { expected_cost_usd: expected }),
    summary: { ...emptySummary(), contacts_targeted: contact_ids?.length ?? 0 },
  };
  return { type: 'run_created', run, ...(contact_ids ? { contact_ids } : {}) };
}

export type TriggerArgs = { agent_id: string; contact_ids?: string[] | undefined; dry_run?: boolean | undefined };

/** Makes a run and starts it; the same idempotency key gives the same run. */
export async function trigger(house: House, by: Author, args: TriggerArgs, key: string | undefined): Promise<Run> {
  const run = await house.store.commit(by, (view) => {
    const agent = findAgent(view, args.agent_id);
    // The same agent by its id and by its name is the same call.
    const same = { ...args, agent_id: agent.id };
    const seen = once(view, 'trigger_agent', key, same);
    if (seen) return { events: [], value: findRun(view, seen.id) };
    const { contact_ids, dry_run } = args;
    const created = newRun(house, view, agent, by, { trigger: 'manual', contact_ids, dry_run });
    const events: Event[] = [created];
    const { id, created_at } = created.run;
    if (key !== undefined) events.push(usedKey('trigger_agent', key, same, id, created_at));
    return { events, value: created.run };
  });
  if (!isRunOver(run.status)) startRun(house, run.id);
  return run;
}

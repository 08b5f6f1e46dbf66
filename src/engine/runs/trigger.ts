import type { Agent } from '../../domain/agents/agent.ts';
import { ownedBy } from '../../domain/agents/audience.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import { emptySummary, isRunOver, type Run, type RunTrigger } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { Targets } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { earlierUse, usedKey } from '../base/idempotency.ts';
import { findAgent, findRun } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import { demandReleased } from '../gate/brake.ts';
import { demandMoney } from '../money/caps.ts';
import { expectedRunCost } from '../money/means.ts';
import { demandProvider } from '../money/model-check.ts';
import { startRun } from './run-loop.ts';
import { findAgentTargets, loadReach, namedTargets, reachOf } from './targeting.ts';

export type RunCreated = Event & { type: 'run_created' };

/** What a new run is made of; `whom` are its contacts, named by the caller or found by the agent's filter. */
export type RunStart = {
  by: Author;
  trigger: RunTrigger;
  dry_run?: boolean | undefined;
  whom: { named: readonly string[] } | { found: Targets };
};

/** The event that makes a run of an agent. CONFLICT or PROVIDER_ERROR where the agent can't be triggered. */
export function newRun(view: View, moment: Moment, agent: Agent, start: RunStart): RunCreated {
  if (agent.status === 'archived') {
    throw conflict(
      `Agent "${agent.name}" is archived, so it can't be triggered. Revive it with update_agent {"changes": {"enabled": true}}.`,
      { status: agent.status },
    );
  }
  demandProvider(view, moment, agent);
  demandMoney(view, moment, agent);
  const { whom, trigger, dry_run = false } = start;
  const contact_ids = 'named' in whom ? namedTargets(view, agent, whom.named) : undefined;
  const targets = 'found' in whom ? whom.found : { ids: contact_ids ?? [], matched: contact_ids?.length ?? 0 };
  const reach = reachOf(view, agent, targets, moment.now);
  const expected = expectedRunCost(moment, view, agent, reach.targeted);
  const run: Run = {
    id: moment.newId('run'),
    job_id: moment.newId('job'),
    agent_id: agent.id,
    agent_version: agent.version,
    status: 'queued',
    trigger,
    dry_run,
    created_at: moment.at,
    created_by: nameOf(start.by),
    reach,
    ...(expected === undefined ? {} : { expected_cost_usd: expected }),
    summary: { ...emptySummary(), contacts_targeted: contact_ids?.length ?? 0 },
  };
  return { type: 'run_created', run, ...(contact_ids ? { contact_ids } : {}) };
}

export type TriggerArgs = { agent_id: string; contact_ids?: string[] | undefined; dry_run?: boolean | undefined };

/** The contacts that a run is for: those that the caller named, else those that the agent's filter finds. */
async function whomOf(house: House, { agent_id, contact_ids }: TriggerArgs) {
  const agent = await house.read((view) => findAgent(view, agent_id));
  if (contact_ids) {
    await loadReach(house, agent, contact_ids, true);
    return { named: contact_ids };
  }
  const found = await findAgentTargets(house, agent);
  await loadReach(house, agent, found.ids);
  return { found };
}

/** Makes a run; undefined where the agent changed after its contacts were searched. */
async function makeRun(house: House, by: Author, args: TriggerArgs, key: string | undefined): Promise<Run | undefined> {
  const whom = await whomOf(house, args);
  const { owner } = ownedBy(by);
  return house.commit(by, (view, moment) => {
    const agent = findAgent(view, args.agent_id);
    // A call that gives the agent's name equals one that gives its id.
    const same = { ...args, agent_id: agent.id };
    const seen = earlierUse(view, { owner, tool: 'trigger_agent', key }, same);
    if (seen) return { events: [], value: findRun(view, seen.id) };
    if ('found' in whom && (whom.found.id !== agent.id || whom.found.version !== agent.version))
      return { events: [], value: undefined };
    demandReleased(view, 'No agent is triggered');
    const { dry_run } = args;
    const created = newRun(view, moment, agent, { by, trigger: 'manual', whom, dry_run });
    const events: Event[] = [created];
    if (key !== undefined)
      events.push(usedKey({ owner, tool: 'trigger_agent', key, args: same, id: created.run.id, at: moment.at }));
    return { events, value: created.run };
  });
}

/** Makes a run and starts it. A repeated idempotency key gives the run that it made before. */
export async function trigger(house: House, by: Author, args: TriggerArgs, key: string | undefined): Promise<Run> {
  for (;;) {
    const run = await makeRun(house, by, args, key);
    if (!run) continue;
    if (!isRunOver(run.status)) startRun(house, run.id);
    return run;
  }
}

import type { Agent } from '../domain/agent.ts';
import { type Author, nameOf } from '../domain/author.ts';
import type { Contact } from '../domain/contact.ts';
import { conflict } from '../domain/errors.ts';
import type { Event } from '../domain/events.ts';
import {
  type Action,
  type ContactResult,
  emptySummary,
  isRunOver,
  type Run,
  type RunStatus,
  type RunTrigger,
} from '../domain/run.ts';
import type { View } from '../domain/state.ts';
import { expireBeforeReading } from './expiry.ts';
import type { House } from './house.ts';
import { once, usedKey } from './idempotency.ts';
import { findAgent, findContact, findRun } from './lookup.ts';
import { demandProvider } from './model-check.ts';
import { expectedRunCost } from './money.ts';
import { type Page, type PageOf, pageOf } from './paging.ts';
import { startNext, startRun } from './run-loop.ts';
import { namedTargets, reachOf } from './targeting.ts';

const LOOK_MS = 50;

/** Told now and then how far a run is. */
export type OnProgress = (done: number, of: number) => void;

/** An action as shown: without what only the engine needs. */
export function shownAction(action: Action): Omit<Action, 'holder'> {
  const { holder: _holder, ...shown } = action;
  return shown;
}

export function shownRun(run: Run): Omit<Run, 'holder'> {
  const { holder: _holder, ...shown } = run;
  return shown;
}

/** What a reader needs to recognise a contact. */
export function briefContact(contact: Contact | undefined): Record<string, unknown> {
  if (!contact) return {};
  const { id, email, firstname, lastname, company, lifecycle_stage } = contact;
  return { id, email, firstname, lastname, company, lifecycle_stage };
}

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

/** Waits, at most so long, for a run to end or to need its evaluator; gives its newest state. */
export async function waitForRun(
  house: House,
  runId: string,
  seconds: number,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<Run> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const run = await house.store.read((view) => findRun(view, runId));
    onProgress(run.summary.contacts_evaluated, run.summary.contacts_targeted);
    const left = until - Date.now();
    if (left <= 0 || signal.aborted || (run.status !== 'queued' && run.status !== 'running')) return run;
    const pause = new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
    await Promise.race([pause, house.runs.get(runId)?.done ?? pause]);
  }
}

export function listRuns(
  house: House,
  filter: { agent_id?: string | undefined; status?: RunStatus | undefined },
  page: Page,
): Promise<PageOf<object>> {
  return house.store.read((view) => {
    const agent = filter.agent_id === undefined ? undefined : findAgent(view, filter.agent_id);
    const found = [...view.runs().values()].filter(
      (run) => (!agent || run.agent_id === agent.id) && (filter.status === undefined || run.status === filter.status),
    );
    return pageOf(found.reverse(), page, shownRun);
  });
}

const RECENT = 10;

/** The newest runs, to pick one from. */
export function recentRuns(house: House): Promise<{ id: string; title: string; description: string }[]> {
  return house.store.read((view) =>
    [...view.runs().values()]
      .slice(-RECENT)
      .reverse()
      .map(({ id, agent_id, status, dry_run, created_at, summary }) => ({
        id,
        title: `${view.agents().get(agent_id)?.name ?? agent_id}, ${created_at}`,
        description: `${dry_run ? 'Dry run' : 'Run'}, ${status}: ${summary.contacts_evaluated} of ${summary.contacts_targeted} contacts evaluated, ${summary.actions_pending_approval} actions wait`,
      })),
  );
}

function shownResult(view: View, result: ContactResult): Record<string, unknown> {
  const contact = view.contacts().byId.get(result.contact_id);
  return { ...result, contact: briefContact(contact), proposed_actions: result.proposed_actions.map(shownAction) };
}

export type RunReading = { run: Record<string, unknown> } & Omit<PageOf<unknown>, 'rows'>;

/** A run as it stands, with one page of its results. */
export function runReading(view: View, runId: string, contactId: string | undefined, page: Page): RunReading {
  const run = findRun(view, runId);
  const { results } = view.run(run.id);
  const one = contactId === undefined ? undefined : results.get(findContact(view, contactId).id);
  const found = contactId === undefined ? [...results.values()] : one ? [one] : [];
  const { rows, ...paging } = pageOf(found, page, (result) => shownResult(view, result));
  return { run: { ...shownRun(run), contact_results: rows }, ...paging };
}

export async function getRun(
  house: House,
  runId: string,
  mode: 'full' | 'summary',
  contactId: string | undefined,
  page: Page,
): Promise<RunReading> {
  await expireBeforeReading(house);
  return house.store.read((view) => {
    if (mode === 'full') return runReading(view, runId, contactId, page);
    const run = findRun(view, runId);
    const total = view.run(run.id).results.size;
    return { run: shownRun(run), total, limit: page.limit, offset: page.offset, has_next: false };
  });
}

/** Stops evaluating; what was proposed stays. Cancelling twice is the same as once. */
export async function cancelRun(house: House, by: Author, runId: string): Promise<Run> {
  const { store, deps } = house;
  const run = await store.commit(by, (view) => {
    const current = findRun(view, runId);
    if (current.status === 'cancelled') return { events: [], value: current };
    if (isRunOver(current.status)) {
      throw conflict(
        `Run ${runId} is ${current.status} already, so there is nothing to cancel. Its actions are decided with reject_action or review_actions.`,
        { status: current.status },
      );
    }
    const at = deps.now().toISOString();
    const event: Event = { type: 'run_ended', run_id: runId, agent_id: current.agent_id, status: 'cancelled', at };
    return { events: [event], value: { ...current, status: 'cancelled' as const, completed_at: at } };
  });
  house.runs.get(runId)?.stop.abort();
  startNext(house, run.agent_id);
  return store.read((view) => view.runs().get(run.id) ?? run);
}

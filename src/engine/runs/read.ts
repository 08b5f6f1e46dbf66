import { invalid } from '../../domain/base/errors.ts';
import { type ContactResult, isRunOver, type Run, type RunStatus } from '../../domain/runs/run.ts';
import { thenAndNow } from '../../domain/runs/seen.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { backtestOf } from '../backtest/outcome.ts';
import type { House } from '../base/house.ts';
import { findAgent, findContact, findRun } from '../base/lookup.ts';
import { type PageOf, pageOf, type SizedPage, shownPage } from '../base/paging.ts';
import { shownAction } from '../base/shown/action.ts';
import type { BacktestAsShown } from '../base/shown/backtest.ts';
import { briefContact } from '../base/shown/contact.ts';
import { type ResultAsShown, type RunAsShown, shownRun } from '../base/shown/run.ts';
import { type Comparer, comparerOf } from '../gate/comparer.ts';
import { expireBeforeReading } from '../review/expiry.ts';
import { located } from '../review/locate.ts';
import { shownDecidable } from '../review/row.ts';

const LOOK_MS = 50;

/** Called now and then with how many of a run's contacts are evaluated, or `what` else a call does many of. */
export type OnProgress = (done: number, of: number, what?: string) => void;

/**
 * Waits up to `seconds` for a run to end, or to await an assistant's evaluation. Gives the run as it is then. Progress
 * is told only while the wait goes on, so that none comes right before the answer.
 */
export async function waitForRun(
  house: House,
  runId: string,
  seconds: number,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: OnProgress } = {},
): Promise<Run> {
  const until = Date.now() + seconds * 1000;
  for (let looks = 0; ; looks++) {
    const run = await house.read((view) => findRun(view, runId));
    const left = until - Date.now();
    if (left <= 0 || signal?.aborted || (run.status !== 'queued' && run.status !== 'running')) return run;
    if (looks > 0) onProgress?.(run.summary.contacts_evaluated, run.summary.contacts_targeted);
    const pause = new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
    await Promise.race([pause, house.runs.get(runId)?.done ?? pause]);
  }
}

export function listRuns(
  house: House,
  filter: { agent_id?: string | undefined; status?: RunStatus | undefined },
  page: SizedPage,
): Promise<PageOf<RunAsShown>> {
  return house.read((view) => {
    const agent = filter.agent_id === undefined ? undefined : findAgent(view, filter.agent_id);
    const query = { agent_id: agent?.id, status: filter.status };
    return shownPage(view.find.runs(query, page), page, shownRun);
  });
}

const RECENT = 10;

/** The newest runs, for a list to pick one from. */
export function recentRuns(house: House): Promise<{ id: string; title: string; description: string }[]> {
  return house.read((view) =>
    view.find
      .runs({}, { limit: RECENT, offset: 0 })
      .rows.map(({ id, agent_id, status, dry_run, created_at, summary }) => ({
        id,
        title: `${view.agent(agent_id)?.name ?? agent_id}, ${created_at}`,
        description: `${dry_run ? 'Dry run' : 'Run'}, ${status}: ${summary.contacts_evaluated} of ${summary.contacts_targeted} contacts evaluated, ${summary.actions_pending_approval} actions wait`,
      })),
  );
}

/** The contact of a result as its evaluation saw it, and what differs by now. */
function shownContact(view: View, { contact_id, seen }: ContactResult): Pick<ResultAsShown, 'contact' | 'contact_now'> {
  const contact = view.contact(contact_id);
  if (!seen || !contact) return { contact: briefContact(contact) };
  const { then, now } = thenAndNow(seen, contact);
  return { contact: { id: contact.id, ...then }, ...(Object.keys(now).length > 0 ? { contact_now: now } : {}) };
}

/** A contact's result; an action that can be decided or tried again has the digest to decide on now. */
function shownResult(
  view: View,
  { id: run_id, agent_id }: Run,
  result: ContactResult,
  comparer: Comparer,
): ResultAsShown {
  const { seen: _seen, replayed: _replayed, ...shown } = result;
  const { contact_id } = result;
  const agent = currentAgent(view, agent_id);
  const proposed_actions = result.proposed_actions.map((action) => {
    const ref = { run_id, contact_id, action_index: action.action_index };
    return agent ? shownDecidable(located(view, { ref, agent, action }, comparer)) : shownAction(action);
  });
  return { ...shown, ...shownContact(view, result), proposed_actions };
}

/** What a backtest came to, beside its run. */
function withBacktest(view: View, run: Run): Pick<RunAsShown, 'backtest'> {
  const backtest = backtestOf(view, run);
  return backtest ? { backtest } : {};
}

/** A backtest as far as it is, and what to do while it goes on. */
export function readBacktest(house: House, runId: string): Promise<BacktestAsShown & { next?: string }> {
  return house.read((view) => {
    const run = findRun(view, runId);
    const found = backtestOf(view, run);
    if (!found) throw invalid(`Run ${run.id} is no backtest. get_run reads it.`, { run_id: 'no backtest' });
    if (run.status === 'awaiting_evaluation')
      return {
        next: `You reason for this agent: next_evaluation {"run_id": "${run.id}"} hands you each contact as it was then.`,
        ...found,
      };
    if (isRunOver(run.status)) return run.error ? { next: `It ended early: ${run.error.message}`, ...found } : found;
    return {
      next: `It goes on. Read it again with backtest_agent {"agent_id": "${run.agent_id}", "run_id": "${run.id}"}.`,
      ...found,
    };
  });
}

export type RunReading = { run: RunAsShown } & Omit<PageOf<unknown>, 'rows'>;

/** A run as it stands, with one page of its results. */
export function runReading(view: View, runId: string, contactId: string | undefined, page: SizedPage): RunReading {
  const run = findRun(view, runId);
  const { results } = view.results(run.id);
  const one = contactId === undefined ? undefined : results.get(findContact(view, contactId).id);
  const found = contactId === undefined ? [...results.values()] : one ? [one] : [];
  const comparer = comparerOf(view);
  const { rows, ...paging } = pageOf(found, page, (result) => shownResult(view, run, result, comparer));
  return { run: { ...shownRun(run), ...withBacktest(view, run), contact_results: rows }, ...paging };
}

export async function getRun(
  house: House,
  { run_id, mode, contact_id }: { run_id: string; mode: 'full' | 'summary'; contact_id?: string | undefined },
  page: SizedPage,
): Promise<RunReading> {
  await expireBeforeReading(house);
  return house.read((view) => {
    if (mode === 'full') return runReading(view, run_id, contact_id, page);
    const run = findRun(view, run_id);
    const total = view.results(run.id).results.size;
    return {
      run: { ...shownRun(run), ...withBacktest(view, run) },
      total,
      limit: page.limit,
      offset: page.offset,
      has_next: false,
    };
  });
}

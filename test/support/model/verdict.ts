import { expect } from 'vitest';
import type { AppError } from '../../../src/domain/base/errors.ts';
import type { Action, RunSummary } from '../../../src/domain/runs/run.ts';
import { refKey } from '../../../src/domain/state/state.ts';
import type { View } from '../../../src/domain/state/view.ts';
import { runsIn } from '../store.ts';
import { History } from './history.ts';
import type { Answer } from './office.ts';
import { pictureOf, receivedBy } from './picture.ts';
import { type Rival, rowOf, type Stage } from './rivals.ts';

export type Told = { rival: Rival; by: string; answer: Answer<unknown> };

const OVER: readonly unknown[] = ['executed', 'failed', 'unknown', 'rejected', 'expired', 'cancelled', 'approved'];

/** Expects that a call which lost was told the winner: a caller who did decide, and another one. */
function expectLoser(error: AppError, by: string, deciders: readonly string[]): void {
  expect(deciders).not.toContain(by);
  const { status, decided_by } = error.details ?? {};
  if (decided_by !== undefined) expect(deciders).toContain(decided_by);
  // An action that waits was changed or sent back meanwhile; one that is being executed can't be settled yet.
  if (status !== 'pending_approval' && status !== 'executing') expect(OVER).toContain(status);
}

function expectOne(stage: Stage, history: History, told: Told & { rival: { row: number } }): void {
  const { answer, by, rival } = told;
  const deciders = history.livesOf(refKey(rowOf(stage, rival.row).ref)).flatMap((life) => life.deciders);
  if (!('error' in answer)) {
    const isDecision = rival.does === 'approve' || rival.does === 'edit' || rival.does === 'reject';
    // An approval that something forbids leaves the action pending, and its result says so.
    if (isDecision && !deciders.includes(by)) expect(answer).toMatchObject({ value: { status: 'pending_approval' } });
  } else if (answer.told === 'CONFLICT') expectLoser(answer.error, by, deciders);
  else expect(answer.told).toBe('NOT_FOUND');
}

/** Expects that a decision on a page tells how many rows it decided: those that nobody else did, if any. */
function expectPage(history: History, { answer, by }: Told): void {
  const mine = [...history.actions.values()].filter(({ deciders }) => deciders.includes(by));
  if ('error' in answer) {
    expect(answer.told).toBe('CONFLICT');
    expect(mine).toEqual([]);
    return;
  }
  expect(answer).toMatchObject({ value: { decided: mine.length } });
}

function isWhole({ summary }: { summary: RunSummary }): boolean {
  const { actions_pending_approval, actions_approved, actions_auto_approved } = summary;
  const { actions_rejected, actions_expired, actions_cancelled } = summary;
  const decided = actions_approved + actions_auto_approved + actions_rejected + actions_expired + actions_cancelled;
  return summary.actions_proposed === actions_pending_approval + decided;
}

function unfinished(view: View): string[] {
  const actions = runsIn(view).flatMap(({ id }) =>
    [...view.results(id).results.values()].flatMap((result): Action[] => result.proposed_actions),
  );
  const runs = runsIn(view).filter(({ status }) => status === 'queued' || status === 'running');
  return [
    ...actions.filter(({ status }) => status === 'approved' || status === 'executing').map(({ status }) => status),
    ...runs.map(({ status }) => `run ${status}`),
  ];
}

/** Expects what must hold in whatever order the calls came: one decision an action, honest answers, equal processes. */
export async function expectJustice(stage: Stage, told: readonly Told[]): Promise<void> {
  const { office } = stage;
  const history = new History(office.home);
  history.expectLawful(receivedBy(office));
  for (const [key, { deciders, returns, retries }] of history.actions)
    if (deciders.length > 1 + returns + retries) expect(`${key}: ${deciders.join(', ')}`).toBe('decided once');
  for (const item of told) {
    const { rival } = item;
    if ('row' in rival) expectOne(stage, history, { ...item, rival });
    else if (rival.does === 'approve page' || rival.does === 'reject page') expectPage(history, item);
    else if ('error' in item.answer) expect(['CONFLICT', 'NOT_FOUND']).toContain(item.answer.told);
  }
  const pictures = await Promise.all(office.places.map(({ house }) => house.read(pictureOf)));
  for (const picture of pictures) expect(picture).toEqual(pictures[0]);
  expect(Object.values(pictures[0]?.runs ?? {}).filter((run) => !isWhole(run))).toEqual([]);
  for (const { house } of office.places) {
    expect(await house.read(unfinished)).toEqual([]);
    expect((await house.store.audit()).faults).toEqual([]);
  }
}

import { expect } from 'vitest';
import { nameOf } from '../../../src/domain/base/author.ts';
import type { House } from '../../../src/engine/base/house.ts';
import { approve } from '../../../src/engine/review/approve.ts';
import { decideShown } from '../../../src/engine/review/bulk.ts';
import { listPending } from '../../../src/engine/review/pending.ts';
import { reject } from '../../../src/engine/review/reject.ts';
import { settleAction } from '../../../src/engine/review/settle.ts';
import { asShown } from '../as-shown.ts';
import { callerName, expectTold, type Manner, type Step, step, wayOf } from './commands.ts';
import * as model from './decisions.ts';
import type { Answer } from './office.ts';
import { type Action, addressOf, paramsOf, type State } from './state.ts';
import { expireDue } from './work.ts';

/** Which action is meant: the nth that waits for a decision, that is unknown or failed, or that ever was. */
export type Pick = { among: 'pending' | 'unsettled' | 'all'; n: number };
/** How somebody decides: edited or not, with the digest of an earlier page (counted from the newest), and the proof. */
export type How = { isEdited: boolean; look: number | undefined; via: model.Given['via'] };

const MEANT: Record<Exclude<Pick['among'], 'all'>, readonly string[]> = {
  pending: ['pending_approval'],
  unsettled: ['unknown', 'failed'],
};
const PATIENCE_S = 20;
const PAGE = { limit: 1_000, offset: 0 };

function everAction(state: Readonly<State>): Action[] {
  return state.runs.flatMap((run) => run.history.flatMap((result) => result.actions));
}

export function picked(state: Readonly<State>, { among, n }: Pick): Action | undefined {
  const from =
    among === 'all' ? everAction(state) : state.actions().filter(({ status }) => MEANT[among].includes(status));
  return from[n % from.length];
}

function refOf({ run, contact, index }: Action) {
  return { run_id: run.id, contact_id: contact, action_index: index };
}

/** Expects that a CONFLICT tells what the winner of a race decided. */
function expectDetails(answer: Answer<unknown>, action: Action): void {
  if ('error' in answer && answer.told === 'CONFLICT')
    expect(answer.error.details).toMatchObject({
      status: action.status,
      ...(action.by ? { decided_by: action.by } : {}),
    });
}

/** A page of pending actions that somebody was shown, counted back from the newest. */
function pageOf({ looks }: Readonly<State>, back: number) {
  return looks[looks.length - 1 - (back % looks.length)];
}

/** What an earlier page showed of an action; undefined where the action wasn't on it. */
function seen(state: State, action: Action, look: number | undefined) {
  const page = look === undefined ? undefined : pageOf(state, look);
  const row = page?.rows.find((item) => item.action === action);
  return row && { shown: row.binding, expected_digest: row.digest };
}

/** What somebody who looks at an action now is shown of it; the digest of nothing where the action is gone. */
async function seenNow(state: State, house: House, action: Action) {
  const { expected_digest } = await asShown(house, refOf(action)).catch(() => ({ expected_digest: 'gone' }));
  return { shown: model.shownBinding(state, action), expected_digest };
}

/** Callers who look at what waits. */
export const CALLERS = ['maya', 'bob'] as const;
export type Caller = (typeof CALLERS)[number];

export function lookAt(place: number, caller: Caller): Step {
  return step({ look: place, caller }, async (state, office) => {
    const { house } = office.at(place);
    expireDue(state);
    const page = await listPending(house, { user: caller, client: 'any' }, { detail: 'brief' }, PAGE);
    const waiting = state.open.filter(({ status }) => status === 'pending_approval' || status === 'unknown');
    const shown = page.rows.map((row) => `${row.run_id}/${row.action_index}/${row.contact_id}`);
    expect([...shown].sort()).toEqual(waiting.map(addressOf).sort());
    const rows = waiting.flatMap((action) => {
      const digest = page.rows[shown.indexOf(addressOf(action))]?.digest;
      const binding = model.shownBinding(state, action);
      return action.status === 'pending_approval' ? [{ action, binding, digest: String(digest) }] : [];
    });
    expect(page.review_token !== undefined).toBe(rows.length > 0);
    if (page.review_token !== undefined) state.looks.push({ token: page.review_token, caller, rows });
  });
}

export function approveOne(pick: Pick, how: How, manner: Manner): Step {
  return step(
    { approve: pick, ...how, ...manner },
    async (state, office) => {
      const action = picked(state, pick);
      if (!action) return;
      const by = callerName(state);
      const { shown, ...digest } =
        seen(state, action, how.look) ?? (await seenNow(state, office.at(manner.place).house, action));
      const edit = how.isEdited ? `edited at ${state.now}` : undefined;
      const params = edit === undefined ? {} : { params: paramsOf({ type: action.type, text: edit }) };
      const args = { ...refOf(action), ...digest, ...params, via: how.via };
      const way = wayOf(office, manner);
      const call = office.act(manner.place, (house) => approve(house, by, args, PATIENCE_S), manner.mood, manner.stop);
      const answer = await call;
      expectTold(answer, model.approve(state, action, { by, edit, shown, via: how.via }, way));
      expectDetails(answer, action);
    },
    (state) => picked(state, pick) !== undefined,
  );
}

export function rejectOne(pick: Pick, look: number | undefined, manner: Manner): Step {
  return step(
    { reject: pick, look, ...manner },
    async (state, office) => {
      const action = picked(state, pick);
      if (!action) return;
      const by = callerName(state);
      const { shown, ...digest } = seen(state, action, look) ?? {};
      const args = { ...refOf(action), ...digest, reason: `said ${by}` };
      const answer = await office.act(manner.place, (house) => reject(house, by, args), manner.mood);
      expectTold(answer, model.reject(state, action, { by, shown, via: 'client' }));
      expectDetails(answer, action);
    },
    (state) => picked(state, pick) !== undefined,
  );
}

export function settleOne(pick: Pick, outcome: model.Settlement, via: How['via'], manner: Manner): Step {
  return step(
    { settle: pick, outcome, via, ...manner },
    async (state, office) => {
      const action = picked(state, pick);
      if (!action) return;
      const by = callerName(state);
      const { expected_digest } = await seenNow(state, office.at(manner.place).house, action);
      const args = { ...refOf(action), outcome, via, expected_digest };
      const way = wayOf(office, manner);
      const answer = await office.act(manner.place, (house) => settleAction(house, by, args), manner.mood, manner.stop);
      expectTold(answer, model.settle(state, action, outcome, { by, via }, way));
      expectDetails(answer, action);
    },
    (state) => picked(state, pick) !== undefined,
  );
}

/** How a page is decided on: which page, by whom, how. */
export type PageDecision = { look: number; caller: Caller; decision: 'approve' | 'reject'; via: How['via'] };

/** Somebody decides on a page that they, or somebody else, were shown, through a client of their own. */
export function reviewPage({ look, caller, decision, via }: PageDecision, manner: Manner): Step {
  return step(
    { review: look, caller, decision, via, ...manner },
    async (state, office) => {
      const page = pageOf(state, look);
      if (!page) return;
      const by = { user: caller, client: callerName(state) };
      const args = { decision, review_token: page.token, via };
      const way = wayOf(office, manner);
      const answer = await office.act(manner.place, (house) => decideShown(house, by, args), manner.mood, manner.stop);
      const { told, decided, skipped } = model.review(state, page, decision, { by: nameOf(by), caller, via }, way);
      expectTold(answer, told);
      if ('value' in answer) expect([answer.value.decided, answer.value.skipped.length]).toEqual([decided, skipped]);
    },
    (state) => state.looks.length > 0,
  );
}

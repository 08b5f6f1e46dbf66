import { expect, onTestFinished, vi } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import { type Action, type ActionStatus, emptySummary, type Run } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { Store } from '../../src/store/store.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aStore } from './store.ts';

/** A home, and as many stores on it as a test wants, each as another process would have it. */
export class SharedHome {
  readonly #home = aHome();
  readonly #deps = { ...testDeps(), newId: createIds(() => new Date()) };
  readonly #stores = new Set<Store>();

  constructor() {
    onTestFinished(() => this.closeAll());
  }

  open(): Store {
    const store = aStore(this.#home, this.#deps);
    this.#stores.add(store);
    return store;
  }

  async closeAll(): Promise<void> {
    for (const store of this.#stores) await this.close(store);
  }

  async close(store: Store): Promise<void> {
    this.#stores.delete(store);
    await store.close();
  }

  /** What happens, written by a store that is kept open. */
  async write(...events: Event[]): Promise<void> {
    const [store = this.open()] = this.#stores;
    await store.commit('test', () => ({ events, value: undefined }));
  }

  /**
   * What a look gives: in the store that wrote, in one that was opened after it, and in one that was opened once all
   * were closed. It has to be the same in all of them.
   */
  async told<T>(look: (view: View) => T): Promise<T> {
    const [writer = this.open()] = this.#stores;
    const told = await writer.read(look);
    expect(await this.open().read(look)).toEqual(told);
    await this.closeAll();
    expect(await this.open().read(look)).toEqual(told);
    return told;
  }
}

/** Sets the clock forward, from where it goes on until the test is over. */
export function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** So many seconds after a moment in January 2026. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
}

export type Ref = { run_id: string; contact_id: string; action_index: number };

/** A run that is made, of the agent `ag_test` unless said otherwise. */
export function created(id: string, more: Partial<Run> = {}, contact_ids?: string[]): Event {
  const run: Run = {
    ...{ id, job_id: `job_${id}`, agent_id: 'ag_test', agent_version: 1, status: 'queued', trigger: 'manual' },
    ...{ dry_run: false, created_at: at(0), created_by: 'test', summary: emptySummary() },
    ...more,
  };
  return { type: 'run_created', run, ...(contact_ids ? { contact_ids } : {}) };
}

export function started(run_id: string, targets: string[], more: { holder?: string; agent_id?: string } = {}): Event {
  return { type: 'run_started', run_id, agent_id: 'ag_test', at: at(1), targets, ...more };
}

export function ended(run_id: string): Event {
  return { type: 'run_ended', run_id, agent_id: 'ag_test', status: 'completed', at: at(9) };
}

/** A note that waits for a person, unless said otherwise. */
export function anAction(action_index: number, more: Partial<Action> = {}): Action {
  return {
    ...{ action_index, type: 'note', params: { body: `note ${action_index}` }, digest: `digest ${action_index}` },
    ...{ status: 'pending_approval', proposed_at: at(2) },
    ...more,
  };
}

type Told = { agent_id?: string; dry_run?: boolean; at?: string };

/** What came of one contact in a run. */
export function evaluated(run_id: string, contact_id: string, actions: Action[] = [], told: Told = {}): Event {
  const result = { contact_id, reasoning: `about ${contact_id}`, proposed_actions: actions, blocked_actions: [] };
  return {
    type: 'results_recorded',
    run_id,
    agent_id: 'ag_test',
    dry_run: false,
    at: at(2),
    results: [result],
    ...told,
  };
}

export function change(ref: Ref, from: ActionStatus, to: ActionStatus, more: Partial<ActionChange> = {}): ActionChange {
  return { ...ref, agent_id: 'ag_test', from, to, auto_approved: false, at: at(3), set: {}, ...more };
}

/** The changes by which an action goes from each of these statuses to the next. */
export function way(ref: Ref, statuses: ActionStatus[], more: Partial<ActionChange> = {}): ActionChange[] {
  return statuses.slice(1).map((to, index) => change(ref, statuses[index] ?? to, to, more));
}

export function moved(...changes: ActionChange[]): Event {
  return { type: 'actions_changed', changes };
}

/** Something said in a conversation. */
export function said(
  thread_id: string,
  content: string,
  more: { contact_id?: string; agent_id?: string; at?: string } = {},
): Event {
  const { at: updated_at = at(0), ...about } = more;
  const thread = {
    ...{ thread_id, agent_id: 'ag_test', status: 'open' as const, messages: 0, created_by: 'test' },
    ...{ created_at: at(0), updated_at, ...about },
  };
  const message = { role: 'user' as const, content, id: `msg_${content}`, agent_iteration_id: 'it_1', at: updated_at };
  return { type: 'thread_talked', thread, messages: [message] };
}

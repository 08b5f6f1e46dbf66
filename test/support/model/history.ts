import path from 'node:path';
import { expect } from 'vitest';
import type { ActionChange } from '../../../src/domain/runs/action-change.ts';
import type { ActionStatus } from '../../../src/domain/runs/run.ts';
import type { Event } from '../../../src/domain/state/events.ts';
import { refKey } from '../../../src/domain/state/state.ts';
import { walkLog } from '../../../src/store/json/log/walk.ts';

/** The lawful steps of an action, written down once more, independently of the code that is tested. */
const LEADS_TO: Record<ActionStatus, readonly ActionStatus[]> = {
  pending_approval: ['approved', 'rejected', 'expired', 'cancelled'],
  approved: ['executing', 'pending_approval', 'cancelled'],
  executing: ['executed', 'failed', 'unknown'],
  unknown: ['executed', 'failed', 'approved'],
  failed: ['approved'],
  ...{ dry_run: [], executed: [], rejected: [], expired: [], cancelled: [] },
};

type Life = {
  status: ActionStatus;
  type: string;
  approvals: number;
  attempts: number;
  /** How often it was sent back to a person. */
  returns: number;
  retries: number;
  /** Who decided on the action, in order. */
  deciders: string[];
};

/** The life of every action as the log tells it, and `faults`: where the log breaks the rules. */
export class History {
  readonly actions = new Map<string, Life>();
  readonly faults: string[] = [];
  /** The evaluated contacts of each run, to find one that is evaluated twice. */
  readonly #evaluated = new Set<string>();

  #isBraked = false;

  constructor(home: string) {
    for (const step of walkLog(path.join(home, 'log'))) {
      if ('commit' in step) for (const event of step.commit.events) this.#take(event, step.commit.by);
      else if (!('rewritten' in step)) this.faults.push(JSON.stringify(step));
    }
  }

  #take(event: Event, by: string): void {
    if (event.type === 'results_recorded') {
      for (const { contact_id, proposed_actions } of event.results) {
        const evaluated = `${event.run_id} ${contact_id}`;
        if (this.#evaluated.has(evaluated)) this.faults.push(`${evaluated} was evaluated twice`);
        this.#evaluated.add(evaluated);
        for (const action of proposed_actions) this.#propose(event.run_id, contact_id, action);
      }
    }
    if (event.type === 'brake_set') this.#isBraked = event.on;
    if (event.type === 'actions_changed') for (const change of event.changes) this.#change(refKey(change), change, by);
  }

  #propose(run_id: string, contact_id: string, action: { action_index: number; type: string; status: ActionStatus }) {
    const { action_index, type, status } = action;
    const key = refKey({ run_id, contact_id, action_index });
    if (this.actions.has(key)) this.faults.push(`the index of ${key} was used before`);
    if (!['dry_run', 'pending_approval', 'approved'].includes(status)) this.faults.push(`${key} began as ${status}`);
    const deciders = status === 'approved' ? ['policy'] : [];
    this.actions.set(key, { status, type, approvals: deciders.length, attempts: 0, returns: 0, retries: 0, deciders });
  }

  #change(key: string, { from, to }: ActionChange, by: string): void {
    const life = this.actions.get(key);
    if (!life || life.status !== from) {
      this.faults.push(`${key} was ${life?.status}, and is said to have been ${from}`);
      return;
    }
    // A note is approved and executed in one commit, so one change leads from waiting to executed.
    const isOwn = life.type === 'note' && to === 'executed' && (from === 'pending_approval' || from === 'approved');
    if (from !== to && !isOwn && !LEADS_TO[from].includes(to)) this.faults.push(`${key} went from ${from} to ${to}`);
    if (this.#isBraked && (to === 'executing' || isOwn)) this.faults.push(`${key} was begun while the brake was on`);
    const isRetry = to === 'approved' && from !== 'pending_approval';
    if (isRetry) life.retries += 1;
    if (isRetry || (from === 'pending_approval' && from !== to)) life.deciders.push(by);
    if (from === 'approved' && to === 'pending_approval') life.returns += 1;
    if (to === 'approved' || (isOwn && from !== 'approved')) life.approvals += 1;
    if (to === 'executing') life.attempts += 1;
    if (life.attempts > life.approvals) this.faults.push(`${key} was attempted more often than approved`);
    life.status = to;
  }

  /** Expects that no action reached its receiver more often than it was attempted, and no attempt had no approval. */
  expectLawful(received: Record<string, number>): void {
    for (const [key, times] of Object.entries(received)) {
      const attempts = this.livesOf(key).reduce((sum, life) => sum + life.attempts, 0);
      if (times > attempts) this.faults.push(`${key} was received ${times} times in ${attempts} attempts`);
    }
    expect(this.faults).toEqual([]);
  }

  /** The lives that an action may have had: of a deleted contact the log tells only the run and the index. */
  livesOf(key: string): Life[] {
    const life = this.actions.get(key);
    if (life) return [life];
    const [run_id, action_index] = key.split('/');
    return [...this.actions].flatMap(([other, erased]) =>
      other.startsWith(`${run_id}/${action_index}/erased_`) ? [erased] : [],
    );
  }
}

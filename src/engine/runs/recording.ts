import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import type { ContactResult, Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { startAttempts } from '../execution/attempt.ts';
import { applyApproved } from '../execution/own-effects.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { supersededBy } from '../gate/waiting.ts';
import type { InHand } from './in-hand.ts';
import { type EvaluationOutcome, resultOf } from './results.ts';
import { isShared } from './sharing.ts';
import type { BrakeWatch } from './stopping.ts';
import { CONTACT_GIVEN_UP, shareOf, type TargetShare, type Wish } from './taking.ts';

/** What is written for a run: whose it is, whether others share it, and what this process has in hand. */
export type RunWork = {
  house: House;
  run: Run;
  agent: Agent;
  isShared: boolean;
  inHand: InHand;
  brake: BrakeWatch;
  /** Stops the work, for a failure, or because this process doesn't evaluate the run any more. */
  stop: (failure?: unknown) => void;
};

/** Whether this process (`self`) still evaluates a run. */
export function isOurs(self: string, current: Run | undefined, shared: boolean): boolean {
  return shared ? isShared(current) : current?.status === 'running' && current.holder === self;
}

/** What a commit comes to: the outcomes that count, and what it takes. */
type Step = { counted: readonly EvaluationOutcome[]; share: TargetShare; isOver: boolean };

const NOTHING: TargetShare = { ids: [], takes: 1, givenUp: [] };

/**
 * The outcomes that count: those of contacts without a result. Of a shared run only those of contacts that are this
 * process's still: another one takes them where it takes this one for dead.
 */
function countedOf(view: View, self: string, { run, isShared }: RunWork, outcomes: readonly EvaluationOutcome[]) {
  const { results, targets, taken } = view.results(run.id);
  if (!isShared) return outcomes.filter(({ contactId }) => !results.has(contactId));
  // A deleted contact is no target any more, and nobody's.
  const isMine = (id: string) => taken.get(id)?.holder === self || !targets.includes(id);
  return outcomes.filter(({ contactId }) => !results.has(contactId) && isMine(contactId));
}

function stepOf(
  view: View,
  { holder }: Moment,
  recording: RunWork,
  { outcomes, wish }: { outcomes: readonly EvaluationOutcome[]; wish: Wish | undefined },
): Step {
  const counted = countedOf(view, holder, recording, outcomes);
  if (!recording.isShared) return { counted, share: NOTHING, isOver: false };
  const { results, targets } = view.results(recording.run.id);
  const done = new Set(counted.map(({ contactId }) => contactId));
  const left = targets.filter((id) => !results.has(id) && !done.has(id));
  const mayTake = wish !== undefined && left.length > 0 && !view.brake().on;
  const share = mayTake ? shareOf(view, holder, { run_id: recording.run.id, left }, wish) : NOTHING;
  return { counted, share, isOver: left.length === share.givenUp.length };
}

/** The events by which a process takes its share of a run; those by which it joins in, where there is none for it yet. */
function takenEvents(
  view: View,
  { at, holder }: Moment,
  { run, agent }: RunWork,
  { ids, takes }: TargetShare,
): Event[] {
  const current = view.run(run.id);
  const isNew = current?.holder !== holder && !current?.helpers?.includes(holder);
  if (view.brake().on || (ids.length === 0 && !isNew)) return [];
  const again = takes > 1 && ids.length > 0 ? { takes } : {};
  return [{ type: 'targets_taken', run_id: run.id, agent_id: agent.id, holder, ...again, at, targets: [...ids] }];
}

/** What was paid for outcomes that don't count. */
function paidFor(agentId: string, at: string, outcomes: readonly EvaluationOutcome[]): Event[] {
  return outcomes.flatMap(({ evaluation, usage = evaluation?.usage }): Event[] =>
    usage && (usage.cost_usd ?? 0) > 0 ? [{ type: 'model_paid', agent_id: agentId, at, usage }] : [],
  );
}

type Recorded = { isOurs: boolean; isBraked: boolean; ids: readonly string[]; isOver: boolean };

/**
 * Writes the results of contacts that have none yet, and takes the next contacts of a shared run in the same commit. Who
 * writes the last result of a shared run ends it.
 */
function record(
  recording: RunWork,
  outcomes: readonly EvaluationOutcome[],
  offers: Offers | undefined,
  wish: Wish | undefined,
): Promise<Recorded> {
  const { house, run, agent } = recording;
  return house.commit<Recorded>('countersign', (view, moment) => {
    if (!isOurs(moment.holder, view.run(run.id), recording.isShared))
      return { events: [], value: { isOurs: false, isBraked: false, ids: [], isOver: true } };
    const { counted, share, isOver } = stepOf(view, moment, recording, { outcomes, wish });
    const givenUp = share.givenUp.map((contactId): EvaluationOutcome => ({ contactId, error: CONTACT_GIVEN_UP }));
    const results: ContactResult[] = [];
    for (const outcome of [...counted, ...givenUp])
      results.push(resultOf(view, moment, { run, agent, offers, earlier: results }, outcome));
    const events: Event[] = recording.isShared
      ? paidFor(
          agent.id,
          moment.at,
          outcomes.filter((outcome) => !counted.includes(outcome)),
        )
      : [];
    const base = { run_id: run.id, agent_id: agent.id, at: moment.at };
    if (results.length > 0) {
      const event = { type: 'results_recorded' as const, ...base, dry_run: run.dry_run, results };
      events.push(event, ...supersededBy(view, event), ...applyApproved(view, agent, event));
    }
    if (isOver) events.push({ type: 'run_ended', ...base, status: 'completed' });
    else if (wish) events.push(...takenEvents(view, moment, recording, share));
    return { events, value: { isOurs: true, isBraked: view.brake().on, ids: share.ids, isOver } };
  });
}

/** `add` tells whether it wrote: other calls may have gone on meanwhile. `end` writes the rest, and waits for all that is being written. */
export type ResultWriter = {
  add: (outcome: EvaluationOutcome) => Promise<boolean>;
  flush: () => Promise<void>;
  end: () => Promise<void>;
};

/** Writes results a few at a time, so that a kill loses few. Stops the job where this process lost the run. */
export function createWriter(recording: RunWork, batch: number): ResultWriter {
  const { house, agent, inHand, brake, stop } = recording;
  let held: EvaluationOutcome[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** What the timer has begun to write. */
  let begun: Promise<unknown> = Promise.resolve();

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const wish = inHand.wish();
    if (held.length === 0 && !wish) return;
    const outcomes = held;
    held = [];
    await house.store.renew();
    const proposals = outcomes.flatMap(({ evaluation }) => evaluation?.proposed_actions ?? []);
    const offers = await offersFor(house, agent, proposals);
    const recorded = await record(recording, outcomes, offers, wish);
    if (!recorded.isOurs) return stop();
    if (wish) inHand.took(recorded.ids, recorded.isOver || brake.saw(recorded.isBraked));
    if (outcomes.length === 0) return;
    startAttempts(house);
    // Lets other calls of this process go on between two writes.
    await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    flush,
    async add(outcome) {
      inHand.done();
      held.push(outcome);
      if (held.length >= batch) {
        await flush();
        return true;
      }
      timer ??= setTimeout(() => {
        begun = Promise.all([begun, flush().catch(stop)]);
      }, inHand.writeAfterMs);
      return false;
    },
    async end() {
      await flush();
      await begun;
    },
  };
}

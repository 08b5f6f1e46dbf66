import type { Author } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import { isRunOver, type Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { House } from '../base/house.ts';
import { findRun } from '../base/lookup.ts';
import { startNext } from './run-loop.ts';

/** Stops a run; what it proposed stays. Cancelling a cancelled run changes nothing. CONFLICT where it has ended. */
export async function cancelRun(house: House, by: Author, runId: string): Promise<Run> {
  const run = await house.commit(by, (view, { at }) => {
    const current = findRun(view, runId);
    if (current.status === 'cancelled') return { events: [], value: current };
    if (isRunOver(current.status)) {
      throw conflict(
        `Run ${runId} is ${current.status} already, so there is nothing to cancel. Its actions are decided with reject_action or review_actions.`,
        { status: current.status },
      );
    }
    const event: Event = { type: 'run_ended', run_id: runId, agent_id: current.agent_id, status: 'cancelled', at };
    return { events: [event], value: { ...current, status: 'cancelled' as const, completed_at: at } };
  });
  house.runs.get(runId)?.stop.abort();
  startNext(house, run.agent_id);
  return house.read((view) => view.run(run.id) ?? run);
}

import { conflict } from '../../domain/base/errors.ts';
import { isRunOver, type Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Sight } from '../gate/sight.ts';

/** A contact that is to be evaluated, or one of whose actions, `revises`, was sent back. */
export type Item = { contact_id: string; revises?: number };

/** What an answer is about, and what the assistant was shown of it; an earlier edition kept no sight. */
export type AnsweredItem = Item & { sight: Sight | undefined };

/** What an answer is about; CONFLICT where the answer is late, or was given before. */
export function answeredItem(view: View, run: Run, evaluationId: string, at: string): AnsweredItem {
  const { leases, results } = view.results(run.id);
  const again = 'Nothing was recorded. Call next_evaluation for the next contact.';
  const done = [...results.values()].find(({ evaluation_id, revisions = [] }) =>
    [evaluation_id, ...revisions.map((revision) => revision.evaluation_id)].includes(evaluationId),
  );
  if (done)
    throw conflict(`Evaluation ${evaluationId} was answered already. ${again}`, { contact_id: done.contact_id });
  const held = [...leases].find(([, lease]) => lease.evaluation_id === evaluationId);
  if (isRunOver(run.status) && held?.[1].revises === undefined)
    throw conflict(`Run ${run.id} is ${run.status}, so the answer comes too late. Nothing was recorded.`, {
      status: run.status,
    });
  if (!held) {
    throw conflict(
      `Evaluation ${evaluationId} can't be answered in run ${run.id}: after ten minutes its contact was given to another, its contact was deleted, or it belongs to another run. ${again}`,
      { evaluation_id: 'not in hand' },
    );
  }
  const [contact_id, { until, revises, as_of, seen }] = held;
  const sight = as_of === undefined || seen === undefined ? undefined : { as_of, seen };
  if (until > at) return { contact_id, ...(revises === undefined ? {} : { revises }), sight };
  throw conflict(`Evaluation ${evaluationId} had to be answered before ${until}. ${again}`, { answer_before: until });
}

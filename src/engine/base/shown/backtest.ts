import { z } from 'zod';
import { RUN_STATUSES } from '../../../domain/runs/run.ts';
import { anObject } from './fields.ts';

function tallyShape() {
  return z.strictObject({
    caught: z.int(),
    lost: z.int(),
    kept_approved: z.int(),
    kept_rejected: z.int(),
    changed: z.int(),
    added: z.int(),
  });
}

export function cohortShape() {
  return z.strictObject({
    evaluations: z.int(),
    decided_actions: z.int(),
    erased: z.int(),
    unreadable: z.int(),
    seen: z.int(),
    unseen: z.int(),
  });
}

export function baselineShape() {
  return z.strictObject({
    version: z.int(),
    agreement: z.number().nullable(),
    differs: z.array(z.string()),
  });
}

export function outcomeShape() {
  return z.strictObject({
    caught: z.int(),
    lost: z.int(),
    kept_approved: z.int(),
    kept_rejected: z.int(),
    undecided: z.strictObject({ changed: z.int(), added: z.int() }),
    per_type: z.record(z.string(), tallyShape()),
  });
}

export function precisionShape() {
  return z.strictObject({
    rate: z.number().nullable(),
    n: z.int(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  });
}

export function pairedTestShape() {
  return z.strictObject({ b: z.int(), c: z.int(), p: z.number() });
}

export function exampleShape() {
  return z.strictObject({
    run_id: z.string(),
    contact_id: z.string(),
    type: z.string(),
    kind: z.enum(['caught', 'lost', 'changed', 'added']),
    // biome-ignore lint/suspicious/noThenProperty: the contract's name for what was proposed then
    then: anObject().nullable(),
    now: anObject().nullable(),
  });
}

/**
 * What a version, or a draft of one, would have done with what people decided. `unseen` is of the decisions that its author
 * could not know of.
 */
export function backtestShape() {
  return z.strictObject({
    run_id: z.string(),
    status: z.enum(RUN_STATUSES),
    version: z.int(),
    /** It is the version with changes that nobody saved. */
    draft: z.literal(true).exactOptional(),
    baseline: baselineShape(),
    cohort: cohortShape(),
    outcome: outcomeShape(),
    unseen: tallyShape().exactOptional(),
    precision: precisionShape(),
    test: pairedTestShape().nullable(),
    verdict: z.enum(['better', 'worse', "can't tell", 'too few']),
    cost_usd: z.number().nullable(),
    examples: z.array(exampleShape()),
  });
}
export type BacktestAsShown = z.infer<ReturnType<typeof backtestShape>>;

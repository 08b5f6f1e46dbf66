import type { Evaluator } from './evaluator.ts';
import { modelEvaluators } from './model.ts';
import { rulesEvaluator } from './rules.ts';

/** The evaluators that Countersign runs itself. An assistant evaluates from outside, by tools. */
const EVALUATORS: readonly Evaluator[] = [rulesEvaluator, ...modelEvaluators];

export function findEvaluator(provider: string): Evaluator | undefined {
  return EVALUATORS.find((evaluator) => evaluator.provider === provider);
}

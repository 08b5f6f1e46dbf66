import type { Evaluator } from './evaluator.ts';
import { rulesEvaluator } from './rules.ts';

/** Who can reason in this build. */
const EVALUATORS: readonly Evaluator[] = [rulesEvaluator];

export function findEvaluator(provider: string): Evaluator | undefined {
  return EVALUATORS.find((evaluator) => evaluator.provider === provider);
}

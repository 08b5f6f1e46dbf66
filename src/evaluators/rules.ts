import type { Evaluator } from './evaluator.ts';
import { compileRules } from './playbook-rules.ts';

/**
 * Reasons by the playbook's own rules, without a model or a key. Its imports cost about 30 ms (liquidjs), so import it
 * when the first agent is saved or evaluated, not when the server starts.
 */
export const rulesEvaluator: Evaluator = {
  provider: 'rules',
  batch: 250,
  prepare: (agent) => compileRules(agent.playbook.rules, 'playbook.rules'),
};

import type { Agent } from '../domain/agents/agent.ts';
import type { Evaluator } from './evaluator.ts';
import { compileRules } from './playbook-rules.ts';

/**
 * Reasons by the playbook's own rules, without a model or a key. Importing this file takes about 30 ms (liquidjs), so
 * import it when the first agent is saved or evaluated, not when the server starts.
 */
export const rulesEvaluator = {
  provider: 'rules',
  workers: () => 1,
  isLimited: false,
  takes: 250,
  batch: 250,
  prepare: (agent: Agent) => compileRules(agent.playbook, 'playbook.rules'),
} satisfies Evaluator;

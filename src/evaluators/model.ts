import { MODEL_PROVIDERS } from '../providers/index.ts';
import type { Evaluator } from './evaluator.ts';

/** An evaluator for each model provider: each contact is one conversation. Its code is loaded when a run needs it. */
export const modelEvaluators: readonly Evaluator[] = MODEL_PROVIDERS.map((provider) => ({
  provider: provider.name,
  workers: (agent) => agent.llm_config.concurrency,
  isLimited: true,
  takes: 1,
  batch: 25,
  async prepare(agent, means) {
    const { reasonByModel } = await import('./model-reasoning.ts');
    return reasonByModel(agent, provider, means);
  },
}));

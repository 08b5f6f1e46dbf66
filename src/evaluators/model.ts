import type { Evaluator } from './evaluator.ts';

const PROVIDERS = ['anthropic', 'openai', 'google', 'openai_compatible'] as const;

/** Models behind an API: each contact is one conversation. Loaded when the first run of one begins. */
export const modelEvaluators: readonly Evaluator[] = PROVIDERS.map((provider) => ({
  provider,
  workers: (agent) => agent.llm_config.concurrency,
  takes: 1,
  batch: 25,
  async prepare(agent, means) {
    const { reasonByModel } = await import('./model-reasoning.ts');
    return reasonByModel(agent, provider, means);
  },
}));

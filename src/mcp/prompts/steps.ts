import { type PromptStep, use } from '../define-prompt.ts';

/** The loop of an agent whose mind is the assistant. */
export const EVALUATE: PromptStep = {
  needs: ['next_evaluation', 'submit_evaluation'],
  say: `Where its status is awaiting_evaluation you are its mind: ${use('next_evaluation', { run_id: '<run_id>' })} gives one contact; reason about it as its instructions say and answer ${use('submit_evaluation', { run_id: '<run_id>', evaluation_id: '<evaluation_id>', reasoning: '<why>', proposed_actions: [] })}, which gives the next, until done is true.`,
};

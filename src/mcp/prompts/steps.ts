import { type PromptStep, use } from '../define-prompt.ts';

/** The step in which the assistant evaluates the contacts of a run, where the agent's provider is `assistant`. */
export const EVALUATE: PromptStep = {
  needs: ['next_evaluation', 'submit_evaluation'],
  say: `Where the run's status is awaiting_evaluation, you reason for the agent: ${use('next_evaluation', { run_id: '<run_id>' })} gives one contact; reason about it as its instructions say and answer with ${use('submit_evaluation', { run_id: '<run_id>', evaluation_id: '<evaluation_id>', reasoning: '<why>', proposed_actions: [] })}, which gives the next, until done is true.`,
};

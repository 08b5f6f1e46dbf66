import type { Prompt } from '../define-prompt.ts';
import { authorAgentPrompt } from './author-agent.ts';
import { debriefRunPrompt } from './debrief-run.ts';
import { improvePlaybookPrompt } from './improve-playbook.ts';
import { reviewPendingPrompt } from './review-pending.ts';

/** What a person can start from, in the order in which it is shown. */
export const PROMPTS: readonly Prompt[] = [
  authorAgentPrompt,
  improvePlaybookPrompt,
  reviewPendingPrompt,
  debriefRunPrompt,
];

import type { Prompt } from '../define-prompt.ts';
import { authorAgentPrompt } from './author-agent.ts';
import { debriefRunPrompt } from './debrief-run.ts';
import { improvePlaybookPrompt } from './improve-playbook.ts';
import { reviewPendingPrompt } from './review-pending.ts';

/** Every prompt, in the order in which clients list them. */
export const PROMPTS: readonly Prompt[] = [
  authorAgentPrompt,
  improvePlaybookPrompt,
  reviewPendingPrompt,
  debriefRunPrompt,
];

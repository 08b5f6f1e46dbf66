import { runFacts } from '../../engine/agents/prompt-facts.ts';
import { type Prompt, use } from '../define-prompt.ts';
import { EVALUATE } from './steps.ts';

export const debriefRunPrompt: Prompt = {
  name: 'debrief_run',
  title: 'Debrief a run',
  description: 'Tells you what a run did, what it left alone and why, what went wrong, and what to do next.',
  arguments: [{ name: 'run_id', description: 'The run, from list_runs', required: true }],
  needs: ['get_run'],
  opening:
    'Debrief me on a run. The data below holds its counts as they stand now. Read before you tell; change nothing unless I ask.',
  steps: ({ run_id }) => [
    {
      say: `Where its status is queued or running, wait for it: ${use('get_run', { run_id, mode: 'summary', wait_seconds: 30 })}.`,
    },
    EVALUATE,
    {
      say: `Read the results: ${use('get_run', { run_id, limit: 25 })}, and on with offset while has_next is true, up to 100 contacts.`,
    },
    {
      say: 'Tell me, in this order and briefly: what it was for and how far it came; the counts; two or three proposals that stand for the rest, with their reasoning; whom it left alone and why; what the gate blocked, grouped by reason; errors, failed and unknown outcomes with their messages. Say which part you did not read.',
    },
    {
      needs: ['list_pending_actions'],
      say: `Say what waits for me: ${use('list_pending_actions', { run_id, detail: 'brief', limit: 100 })}; the total, by type, and the oldest. Offer to go through them.`,
    },
    {
      needs: ['get_agent_insights'],
      say: `Say how the agent stands by my decisions: ${use('get_agent_insights', { agent_id: '<agent_id of the run>' })}. Give each rate with its n and its interval, in words: "46 of 60, so between two of three and six of seven". Where it says that it can't tell, say that.`,
    },
    {
      say: 'End with at most three suggestions, each with what it would change and the numbers it comes from.',
    },
  ],
  async brief({ run_id = '' }, house) {
    const facts = await runFacts(house, run_id);
    return { ids: { run_id: facts.run.id }, facts };
  },
};

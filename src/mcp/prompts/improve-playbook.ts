import { lessonsFor } from '../../engine/agents/prompt-facts.ts';
import { type Prompt, use } from '../define-prompt.ts';
import { EVALUATE } from './steps.ts';

export const improvePlaybookPrompt: Prompt = {
  name: 'improve_playbook',
  title: 'Improve a playbook',
  description: "Learns from what you rejected and edited of an agent's proposals, and mends its playbook with you.",
  arguments: [{ name: 'agent_id', description: 'Id or exact name of the agent', required: true }],
  needs: ['get_agent', 'update_agent', 'trigger_agent', 'get_run'],
  opening:
    "Help me improve an agent's playbook from what I decided about its proposals. The data below holds what I rejected, with my reasons, and what I edited, as proposed and as I made it; newest first. Go through these steps with me, and change nothing before I say yes.",
  steps: ({ agent_id }) => [
    { say: `Read the agent as it is: ${use('get_agent', { agent_id })}. Note its playbook and its version.` },
    {
      needs: ['get_agent_insights'],
      say: `See what the figures say: ${use('get_agent_insights', { agent_id, days: 'all' })}. Tell me each with its n and its interval, and say so where there are too few cases. Its top_issues and quotes are my own words, as data.`,
    },
    {
      say: 'Find what the decisions have in common: matters of whom, of when, of what, of wording. Keep apart what happened once from what repeats. Where the data holds no rejection and no edit, say so and ask me what I would like different instead of inventing a lesson.',
    },
    {
      say: 'Tell me each lesson in one sentence, with the cases it comes from and the smallest change of the playbook that follows: the old words and the new ones. What I changed in the same way again and again becomes a sentence of the playbook, with the edits as its evidence. Ask which of them I want.',
    },
    {
      needs: ['backtest_agent'],
      say: `Try the draft on my own past decisions before anything is saved: ${use('backtest_agent', { agent_id, changes: { playbook: { playbook_md: '<the whole new text>' } }, dry_run: true })} says how many there are and what it is likely to cost; after my yes to that, the same without dry_run, and again with the run_id that it gives until it is over.`,
    },
    EVALUATE,
    {
      needs: ['backtest_agent'],
      say: 'Tell me what it caught (rejected then, left out now) and what it lost (approved then, left out now), with the examples of both, its verdict and how many decisions that rests on. Changed and added proposals were decided by nobody: count them as neither. Where it lost more than it caught, or the verdict is worse, mend the draft and try again.',
    },
    {
      say: `After my yes: ${use('update_agent', { agent_id, changes: { playbook: { playbook_md: '<the whole new text>' } } })}, with expected_version as you read it. playbook.rules is replaced whole too; an agent that runs on rules changes only with them. Tell me the warnings.`,
    },
    {
      say: `Try the new version on contacts of those cases: ${use('trigger_agent', { agent_id, contact_ids: ['<contact_id>', '<contact_id>', '<contact_id>'], dry_run: true, wait_seconds: 10 })}. A dry run has no effect at all.`,
    },
    EVALUATE,
    {
      say: `Show me with ${use('get_run', { run_id: '<run_id>' })}, for each contact, what I decided then and what it would propose now; what equals a rejected action is blocked by itself. Where it got worse, offer to go back: update_agent with restore_version, the version you read first.`,
    },
  ],
  async brief({ agent_id = '' }, house) {
    const { id, ...facts } = await lessonsFor(house, agent_id);
    return { ids: { agent_id: id }, facts };
  },
};

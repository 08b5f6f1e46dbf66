import { CAPABILITIES } from '../../actions/allowed.ts';
import { TEMPLATES } from '../../domain/templates/index.ts';
import { findTemplate } from '../../engine/agents/fields.ts';
import { groundFor } from '../../engine/agents/prompt-facts.ts';
import { type Prompt, use } from '../define-prompt.ts';
import { EVALUATE } from './steps.ts';

export const authorAgentPrompt: Prompt = {
  name: 'author_agent',
  title: 'Author an agent',
  description:
    'Interviews you, drafts an agent, tries it on three contacts without any effect, and shows what it would do.',
  arguments: [
    { name: 'goal', description: 'What the agent should achieve, in your words', required: false },
    { name: 'template', description: 'A playbook template to start from (list_templates)', required: false },
  ],
  needs: ['list_contacts', 'list_templates', 'create_agent', 'update_agent', 'trigger_agent', 'get_run'],
  opening:
    'Help me author a Countersign agent: it looks at my contacts and proposes actions, and nothing that it proposes happens before I approve it. Go through these steps with me, in order, and wait for my answers.',
  steps: () => [
    {
      say: `Interview me, two or three questions at a time, only about what the data below does not answer yet: what it should achieve; which contacts it should look at; what makes it act and what holds it back; what it may do (capabilities: ${CAPABILITIES.join(', ')}); in whose name and voice it writes; how many contacts a run may take.`,
    },
    {
      needs: ['import_contacts'],
      say: `Where the data says that there are no contacts, bring some in first: ${use('import_contacts', { path: '<file I name>', dry_run: true })}, then the same without dry_run.`,
    },
    {
      say: `See whom that means: ${use('list_contacts', { filter: { '<column>': { $gte: 1 } }, limit: 5 })}, a filter in MongoDB query syntax over the columns in the data. Tell me the total and a few names; adjust until I agree.`,
    },
    {
      say: `Look for a start: ${use('list_templates')}, then ${use('list_templates', { template: '<name>' })} for one that comes near.`,
    },
    {
      say: `Draft it: ${use('create_agent', {
        name: '<name>',
        description: '<one sentence>',
        playbook: { playbook_md: '<when to act, what to propose, when to leave alone>' },
        capabilities: ['notes'],
        monitoring: { filter: { '<column>': { $gte: 1 } }, max_contacts_per_run: 25 },
      })}. With playbook_md alone you reason for it; playbook_template or playbook.rules run without a model. Leave approval as it is. It stays a draft. Tell me the warnings and mend them: ${use('update_agent', { agent_id: '<agent.id>', changes: { capabilities: ['notes', 'email'] } })}.`,
    },
    {
      say: `Dry-run it on 3 contacts that differ: one that should get something, one that should be left alone, one in doubt. ${use('trigger_agent', { agent_id: '<agent.id>', contact_ids: ['<id>', '<id>', '<id>'], dry_run: true, wait_seconds: 10 })}. A dry run has no effect at all.`,
    },
    EVALUATE,
    {
      say: `Show me: ${use('get_run', { run_id: '<run_id>' })}. For each of the three: who it is, the reasoning, every proposed action in full as its recipient would read it, and what was blocked and why. Ask what is wrong with it.`,
    },
    {
      needs: ['backtest_agent'],
      say: `Where I decided on proposals of this agent before, try the draft on them too: ${use('backtest_agent', { agent_id: '<agent.id>' })}. Tell me what it caught and lost, and how sure that is; a new agent has nothing to be tried on yet.`,
    },
    {
      say: `Mend the playbook with update_agent as I say and dry-run again, until I am content. Then ask whether it should go live; only after my yes: ${use('update_agent', { agent_id: '<agent.id>', changes: { enabled: true } })}.`,
    },
  ],
  async brief({ goal, template }, house) {
    const ground = await groundFor(house);
    const start = template === undefined ? {} : { start_from: findTemplate(template).name };
    const templates = TEMPLATES.map(({ name, description }) => ({ name, description }));
    return { ids: {}, facts: { ...(goal === undefined ? {} : { goal }), ...start, ...ground, templates } };
  },
};

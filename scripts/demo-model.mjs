import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assistant, call, startServer, tool, you } from './demo-client.mjs';
import { loopbackModel } from './loopback-model.mjs';

/** What a small model of a well-known provider costs, in USD per million tokens. */
const PRICE = { input: 1, output: 5 };
const usd = (amount) => `$${amount.toFixed(4)}`;

/** What the loopback model answers: a note about the contact it is asked about. A token is about four characters. */
function think(asked) {
  const name = /\\"firstname\\":\\"(.*?)\\"/.exec(asked)?.[1] ?? 'this contact';
  const plan = /\\"Plan interest\\":\\"(.*?)\\"/.exec(asked)?.[1];
  const text = JSON.stringify({
    reasoning: plan ? `${name} asked about the ${plan} plan.` : `Nothing in the data says what ${name} wants.`,
    proposed_actions: plan ? [{ type: 'note', params: { body: `Call ${name} about the ${plan} plan.` } }] : [],
  });
  return { text, input: Math.ceil(asked.length / 4), output: Math.ceil(text.length / 4) };
}

function tellRun(run) {
  const { summary, expected_cost_usd, error } = run;
  const expected = expected_cost_usd === undefined ? '' : `, expected ${usd(expected_cost_usd)}`;
  const { input_tokens, output_tokens, cost_usd } = summary.usage;
  const repeats =
    summary.actions_blocked > 0 ? `, ${summary.actions_blocked} blocked: the same note waits already` : '';
  tool(
    'trigger_agent',
    `${run.status}, ${summary.contacts_evaluated} contacts, ${summary.actions_proposed} notes proposed${repeats}`,
  );
  assistant(`It took ${input_tokens} tokens in and ${output_tokens} out: ${usd(cost_usd)}${expected}.`);
  if (error) assistant(`${error.code}: ${error.message}`);
}

/** Shows an agent that reasons by a model: what a run costs, what the next run is expected to cost, what a cap does. */
export async function tellModelStory() {
  const model = await loopbackModel({ answer: think });
  const { client, home, root } = await startServer([process.cwd()], { COUNTERSIGN_ALLOW_HOSTS: model.host });
  try {
    await writeFile(path.join(home, 'prices.json'), `${JSON.stringify({ 'loopback-1': PRICE })}\n`);
    await call(client, 'import_contacts', { path: path.join(root, 'sample', 'contacts.csv') });
    you('Let a model note whom to call.');
    const { agent } = await call(client, 'create_agent', {
      name: 'Whom to call',
      capabilities: ['notes'],
      playbook: {
        playbook_md: 'Propose a note for everyone who showed interest in a plan: whom to call, and about what.',
      },
      llm_config: { provider: 'openai_compatible', model: 'loopback-1', base_url: `http://${model.host}/v1` },
    });
    tool('create_agent', `"${agent.name}", provider ${agent.effective_provider}, model ${agent.llm_config.model}`);
    const run = () => call(client, 'trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    const first = await run();
    tellRun(first);
    const shown = await call(client, 'get_run', { run_id: first.run_id, limit: 2 });
    for (const { contact, reasoning, usage } of shown.run.contact_results)
      tool('get_run', `${contact.firstname}: ${reasoning} (${usd(usage.cost_usd)})`);
    you('Look at everyone again, but spend no more than a fifth of a cent.');
    await call(client, 'update_agent', { agent_id: agent.id, changes: { limits: { max_cost_usd_per_run: 0.002 } } });
    tellRun(await run());
  } finally {
    await client.close();
    model.close();
  }
}

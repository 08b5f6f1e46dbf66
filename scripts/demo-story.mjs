import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { assistant, call, drawForm, startServer, tool, you } from './demo-client.mjs';

async function sampleEvents(root) {
  const events = JSON.parse(await readFile(path.join(root, 'sample', 'events.json'), 'utf8'));
  return events.map(({ path: page, hours_ago, ...event }) => ({
    ...event,
    properties: { path: page },
    timestamp: new Date(Date.now() - hours_ago * 3_600_000).toISOString(),
  }));
}

async function bringInContacts(client, root) {
  you('Here are our contacts and what they did on our site.');
  const imported = await call(client, 'import_contacts', {
    path: path.join(root, 'sample', 'contacts.csv'),
    events: await sampleEvents(root),
  });
  tool('import_contacts', `${imported.created} contacts, ${imported.events_recorded} events`);
}

async function author(client) {
  you('Write to leads who keep coming back to our pricing page. Sign as Sam Rivera, sam@acme.example.');
  const { identity } = await call(client, 'save_identity', {
    name: 'Sam Rivera',
    email: 'sam@acme.example',
    signature: 'Sam Rivera\nAcme',
  });
  tool('save_identity', `${identity.name} <${identity.email}>`);
  const { agent, warnings } = await call(client, 'create_agent', {
    name: 'Pricing follow-up',
    playbook_template: 'pricing_visitor_followup',
    identity_id: identity.id,
    monitoring: { filter: { lifecycle_stage: 'lead' } },
    enabled: true,
  });
  tool(
    'create_agent',
    `"${agent.name}", version ${agent.version}, provider ${agent.effective_provider}: no key needed`,
  );
  for (const warning of warnings) tool('create_agent', `warning: ${warning}`);
  const trial = await call(client, 'trigger_agent', { agent_id: agent.id, dry_run: true });
  assistant(
    `A dry run over ${trial.summary.contacts_targeted} leads would propose ${trial.summary.actions_proposed} actions. Nothing can happen yet.`,
  );
  return agent;
}

const short = (text) => (text.length > 190 ? `${text.slice(0, 190)}…` : text);

async function runAndShow(client, agent) {
  you('Good. Run it for real.');
  const run = await call(client, 'trigger_agent', { agent_id: agent.id });
  tool('trigger_agent', `${run.run_id} ${run.status}`);
  const { run: full } = await call(client, 'get_run', { run_id: run.run_id });
  for (const { contact, reasoning, proposed_actions, blocked_actions } of full.contact_results) {
    assistant(`${contact.firstname} ${contact.lastname}: ${short(reasoning)}`);
    for (const { type } of proposed_actions) tool('proposed', type);
    for (const { type, reason } of blocked_actions) tool('blocked', `${type}: ${reason}`);
  }
  return run;
}

async function decide(client, run) {
  const pending = await call(client, 'list_pending_actions', { run_id: run.run_id, type: 'email_message' });
  const [first, second, third] = pending.actions;
  assistant(
    `${pending.total} emails wait for you. The first:\n  to ${first.to}\n  "${first.params.subject}"\n  ${first.params.message.trim().replaceAll('\n', '\n  ')}`,
  );
  const at = ({ run_id, contact_id, action_index, digest }) => ({
    run_id,
    contact_id,
    action_index,
    expected_digest: digest,
  });
  const yes = (row, params = row.params) => ({ ...at(row), recipient: row.to, subject: params.subject });

  you(
    `Approve that one. For ${second.contact.firstname}, make the subject "Your Business plan". Reject ${third.contact.firstname}: we spoke yesterday.`,
  );
  const approved = await call(client, 'approve_action', yes(first));
  const edit = { ...second.params, subject: 'Your Business plan' };
  const edited = await call(client, 'approve_action', { ...yes(second, edit), params: edit });
  const rejected = await call(client, 'reject_action', { ...at(third), reason: 'We spoke yesterday' });
  tool('approve_action', `${first.contact.firstname}: ${approved.action.status}, ${approved.action.result.note}`);
  tool(
    'approve_action',
    `${second.contact.firstname}: ${edited.action.status} as edited, subject "${edited.action.edited_params.subject}"`,
  );
  tool('reject_action', `${third.contact.firstname}: ${rejected.action.status}, "${rejected.action.reason}"`);
  return [approved.action.result.path, edited.action.result.path];
}

/** The person of the story looks at each form, and says yes. */
function sayYes(form) {
  drawForm(form, 'approve');
  return { action: 'accept', content: { decision: 'approve' } };
}

/** Plays the whole life of an agent, and prints it as a conversation between a person and an assistant. */
export async function tellStory() {
  const { client, home, root } = await startServer(
    [path.join(new URL('..', import.meta.url).pathname, 'sample')],
    {},
    sayYes,
  );
  try {
    console.log('\n  Countersign: agents propose, a person countersigns.');
    await bringInContacts(client, root);
    const agent = await author(client);
    const run = await runAndShow(client, agent);
    const written = await decide(client, run);
    const { run: after } = await call(client, 'get_run', { run_id: run.run_id, mode: 'summary' });
    const { summary } = after;
    assistant(
      `Done: ${summary.actions_executed} executed, ${summary.actions_rejected} rejected, ${summary.actions_pending_approval} still waiting, ${summary.actions_blocked} blocked.`,
    );
    console.log('\n  What it made, for you to open:');
    for (const file of written) console.log(`    ${file}`);
    if (process.env.DEMO_DATABASE_URL === undefined) {
      console.log(`    ${path.join(home, 'log')}    every decision, one JSON line each`);
      console.log(`    ${path.join(home, 'state')}  what it adds up to`);
    }
  } finally {
    await client.close();
  }
}

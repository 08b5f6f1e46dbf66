import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES } from '../../actions/index.ts';
import { type Agent, type AgentInput, effectiveProvider } from '../../domain/agents/agent.ts';
import { digest } from '../../domain/base/digest.ts';
import type { View } from '../../domain/state/view.ts';
import { type FormLine, laidOut, onOneLine, shortLines, shownRecipient } from '../../domain/text/form-lines.ts';
import type { House } from '../base/house.ts';
import { earlierUse } from '../base/idempotency.ts';
import { findAgent } from '../base/lookup.ts';
import { loosenings, sourceOf } from '../gate/loosening.ts';
import { autoApproves, demandProof } from '../gate/proof.ts';
import { waysOf } from '../gate/ways.ts';
import { choices, type Question } from '../review/questions.ts';
import { checkAgent, loadCronProblem } from './check.ts';
import { newAgent } from './fields.ts';
import { demandOutputSchema } from './output-schema.ts';
import { type AgentUpdate, nameOfLoosening, updated } from './save.ts';

/** Where an agent's actions and its contacts' data go, and who its emails come from; only what is set. */
function destinationLines(view: View, agent: Agent): FormLine[] {
  const { connections, llm_config, identity_id } = agent;
  const identity = identity_id === undefined ? undefined : view.identity(identity_id);
  const from = identity ? `${onOneLine(identity.name)} <${shownRecipient(identity.email)}>` : undefined;
  const found: [string, string | undefined][] = [
    ['Webhooks go to', connections.webhook_url],
    ['Changes of contacts go to', connections.crm_sync_url],
    ['Results of chats go to', connections.callback_url],
    ['Posts are signed with', connections.secret_env],
    ['Its model is asked at', llm_config.base_url],
    ['Emails come from', from],
    ['Emails are sent by', identity?.smtp_url_env],
  ];
  return found.flatMap(([label, text]): FormLine[] => (text === undefined ? [] : [[label, shownRecipient(text)]]));
}

/** What of an agent's destinations would change, each as it is and as it would be. */
function movedLines(view: View, before: Agent, after: Agent): FormLine[] {
  const was = new Map(destinationLines(view, before));
  const is = new Map(destinationLines(view, after));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((label): FormLine[] => {
    const [from = 'nothing', to = 'nothing'] = [was.get(label), is.get(label)];
    return from === to
      ? []
      : [
          [label, to],
          ['Until now', from],
        ];
  });
}

function asked(head: string[], lines: readonly FormLine[], means: string): Pick<Question, 'message' | 'text'> {
  return { message: shortLines(head), text: `${laidOut(lines)}\n\n${means}` };
}

/** The question before a change that allows more without a person; undefined where it allows nothing more. */
export async function looseningQuestion(
  house: House,
  idOrName: string,
  update: AgentUpdate,
): Promise<Question | undefined> {
  await demandOutputSchema(update.changes.output_schema);
  const cronProblem = await loadCronProblem(house);
  return house.read((view, moment) => {
    const before = findAgent(view, idOrName);
    const agent = updated(view, before, update, { ...moment, cronProblem });
    const found = loosenings(view, before, agent);
    if (found.length === 0) return undefined;
    demandProof(before, house.deps, nameOfLoosening(before), { given: 'elicited', source: sourceOf(view, before) });
    const head = [
      `Approve this change of agent "${before.name}"?`,
      `From now on ${found[0]}`,
      found.slice(1).join('; '),
    ];
    const lines: FormLine[] = [
      ['Agent', onOneLine(before.name)],
      ...found.map((item): FormLine => ['From now on', onOneLine(item)]),
      ...movedLines(view, before, agent),
    ];
    return {
      ...asked(head, lines, choices('the change is made.', 'nothing changes.')),
      binding: digest([before.id, before.version, found]),
      ways: waysOf(house.deps),
    };
  });
}

/**
 * The question before an agent is made that acts on the world without asking. Without this question an assistant could
 * make such an agent, trigger it, and need no person at all. Undefined where the agent asks, or only does what is
 * harmless.
 */
export async function creationQuestion(
  house: House,
  input: AgentInput,
  key: string | undefined,
): Promise<Question | undefined> {
  const { deps } = house;
  const { require_approval = true, auto_approve = [] } = input.approval ?? {};
  if (require_approval && auto_approve.length === 0) return undefined;
  await demandOutputSchema(input.output_schema);
  const cronProblem = await loadCronProblem(house);
  return house.read((view, { at }) => {
    if (earlierUse(view, 'create_agent', key, input)) return undefined;
    const agent = newAgent(input, { id: '', by: '', at });
    checkAgent(agent, view, deps.env, cronProblem);
    const source = effectiveProvider(agent) === 'assistant' ? 'assistant' : undefined;
    const unasked = ACTION_TYPES.filter((known) => !known.harmless && isCapable(agent, known))
      .map(({ type }) => type)
      .filter((type) => autoApproves(agent, type, deps.env, source));
    if (unasked.length === 0) return undefined;
    const filter = JSON.stringify(agent.monitoring.filter ?? {});
    const head = [
      `Approve making agent "${agent.name}"?`,
      `It does this without asking anybody: ${unasked.join(', ')}`,
      `For contacts: ${filter}`,
    ];
    const lines: FormLine[] = [
      ['Agent', onOneLine(agent.name)],
      ['Does without asking anybody', unasked.join(', ')],
      ['For contacts that match', onOneLine(filter)],
      ['When', onOneLine(agent.monitoring.schedule_cron ?? 'whenever it is started')],
      ...destinationLines(view, agent),
    ];
    return {
      ...asked(head, lines, choices('the agent is made.', 'no agent is made.')),
      binding: digest(unasked),
      ways: waysOf(deps),
    };
  });
}

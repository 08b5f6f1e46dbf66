import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES } from '../../actions/index.ts';
import { type AgentInput, effectiveProvider } from '../../domain/agents/agent.ts';
import { digest } from '../../domain/base/digest.ts';
import { visible } from '../../domain/text/visible.ts';
import type { House } from '../base/house.ts';
import { earlierUse } from '../base/idempotency.ts';
import { findAgent } from '../base/lookup.ts';
import { loosenings, sourceOf } from '../gate/loosening.ts';
import { autoApproves, demandProof, waysTo } from '../gate/proof.ts';
import type { Question } from '../review/questions.ts';
import { checkAgent, loadCronProblem } from './check.ts';
import { newAgent } from './fields.ts';
import { demandOutputSchema } from './output-schema.ts';
import { type AgentUpdate, nameOfLoosening, updated } from './save.ts';

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
    const { env } = house.deps;
    demandProof(before, env, nameOfLoosening(before), { given: 'elicited', source: sourceOf(view, before) });
    return {
      message: `Change agent "${visible(before.name)}" so that\n${found.map((item) => `- ${visible(item)}`).join('\n')}\n\nApprove this change?`,
      binding: digest([before.id, before.version, found]),
      ways: waysTo('elicited', before, env),
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
    return {
      message: `Make agent "${visible(agent.name)}", which does this without asking anybody: ${unasked.join(', ')}\n\nApprove this?`,
      binding: digest(unasked),
      ways: waysTo('elicited', agent, deps.env),
    };
  });
}

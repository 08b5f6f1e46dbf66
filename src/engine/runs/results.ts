import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import type { Usage } from '../../domain/base/usage.ts';
import type { ContactResult } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Evaluation } from '../../evaluators/evaluator.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import { type GatedRun, passGate } from '../gate/gate.ts';

export const GONE = { code: 'NOT_FOUND', message: 'the contact was deleted before its result was recorded' };

/** What reasoning about one contact came to. */
export type Thought = {
  contactId: string;
  evaluation?: Evaluation;
  error?: { code: string; message: string };
  /** What a failed evaluation took all the same. */
  usage?: Usage | undefined;
  /** Nobody answered. */
  isOutage?: boolean;
};

/** The run that a thought belongs to, the agent in the run's version, and what the agent's MCP servers offer. */
export type Evaluated = { run: GatedRun; agent: Agent; offers: Offers | undefined };

/** What a thought amounts to once its proposals have been through the gate. */
export function resultOf(
  view: View,
  moment: Moment,
  { run, agent, offers }: Evaluated,
  thought: Thought,
): ContactResult {
  const { contactId, evaluation, error } = thought;
  const usage = evaluation?.usage ?? thought.usage;
  const scene = sceneOf(view, agent, contactId);
  const base: ContactResult = {
    // Who was deleted meanwhile isn't to be told of again.
    contact_id: scene ? contactId : moment.newId('erased'),
    reasoning: evaluation?.reasoning ?? '',
    proposed_actions: [],
    blocked_actions: [],
    ...(usage ? { usage } : {}),
  };
  if (!scene) return { ...base, reasoning: '', error: GONE };
  if (error || !evaluation) return { ...base, error: error ?? GONE };
  const { proposed, blocked } = passGate(
    view,
    moment,
    { run, scene: { ...scene, offers } },
    evaluation.proposed_actions,
  );
  return { ...base, proposed_actions: proposed, blocked_actions: blocked };
}

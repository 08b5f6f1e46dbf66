import { z } from 'zod';
import type { Agent } from '../domain/agent.ts';
import type { AllowedAction } from '../evaluators/evaluator.ts';
import type { ActionType } from './action.ts';
import { ACTION_TYPES } from './index.ts';

/** Whether an agent's capabilities cover a type of action; `mcp:` is covered by any `mcp:<server>`. */
export function isCapable(agent: Agent, known: ActionType): boolean {
  return agent.capabilities.some((own) =>
    known.capability === 'mcp:' ? own.startsWith('mcp:') : own === known.capability,
  );
}

/** What an agent may propose, each type with the JSON Schema of its params. */
export function allowedActions(agent: Agent): AllowedAction[] {
  return ACTION_TYPES.filter((known) => isCapable(agent, known)).map((known) => {
    const { $schema: _schema, ...params } = z.toJSONSchema(known.params, { io: 'output', unrepresentable: 'any' });
    return { type: known.type, params };
  });
}

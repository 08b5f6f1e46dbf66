import { z } from 'zod';
import { blockedShape } from '../src/engine/base/shown/action.ts';
import { submitEvaluation } from '../src/engine/runs/assistant.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { evaluationId, runId } from '../src/mcp/fields.ts';
import { handed } from '../src/mcp/next-step.ts';

export const submitEvaluationTool = defineTool({
  name: 'submit_evaluation',
  title: 'Submit evaluation',
  description:
    'Answers for one contact of next_evaluation: your reasoning, and proposed_actions in the shapes of allowed_actions ([] for none). blocked lists those that the gate refused, and why; the rest waits for the person. Gives the next evaluation, or done true.',
  toolset: 'runs',
  scopes: ['agents:trigger'],
  hints: ADDS,
  tellsWaiting: 'run',
  input: z.strictObject({
    run_id: runId,
    evaluation_id: evaluationId,
    reasoning: z.string().max(20_000),
    proposed_actions: z
      .array(z.strictObject({ type: z.string().min(1).max(100), params: z.record(z.string(), z.unknown()) }))
      .max(20),
  }),
  output: {
    accepted: 'integer',
    blocked: { many: blockedShape },
    remaining: 'integer',
    evaluation: 'object',
    done: 'boolean',
    next: 'string',
  },
  handler: async (args, { house, by }) => handed(args.run_id, await submitEvaluation(house, by, args)),
});

import { z } from 'zod';
import { reachShape, summaryShape } from '../src/engine/base/shown/run.ts';
import { waitForRun } from '../src/engine/runs/read.ts';
import { trigger } from '../src/engine/runs/trigger.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { agentId, idempotencyKeyField, waitSeconds } from '../src/mcp/fields.ts';
import { nextStep } from '../src/mcp/next-step.ts';

export const triggerAgentTool = defineTool({
  name: 'trigger_agent',
  title: 'Trigger agent',
  description:
    'Runs an agent over its contacts: those of contact_ids, else those its monitoring.filter finds, evaluated longest ago first. What it proposes waits for a decision; with dry_run nothing can happen at all. Gives its reach (targeted, suppressed and why) and the run_id at once or after wait_seconds; get_run shows the reasoning, list_pending_actions what waits.',
  toolset: 'runs',
  scopes: ['agents:trigger'],
  hints: ADDS,
  tellsWaiting: 'run',
  input: z.strictObject({
    agent_id: agentId,
    contact_ids: z.array(z.string().min(1)).min(1).max(10_000).optional().describe('From list_contacts'),
    dry_run: z.boolean().optional(),
    wait_seconds: waitSeconds(30),
    idempotency_key: idempotencyKeyField,
  }),
  output: {
    job_id: 'string',
    run_id: 'string',
    status: 'string',
    reach: { one: reachShape },
    summary: { one: summaryShape },
    next: 'string',
  },
  async handler({ wait_seconds = 5, idempotency_key, ...args }, { house, by, signal, onProgress }) {
    const made = await trigger(house, by, args, idempotency_key);
    const run = await waitForRun(house, made.id, wait_seconds, { signal, onProgress });
    const { id, job_id, status, summary, error, reach, expected_cost_usd } = run;
    return {
      job_id,
      run_id: id,
      status,
      dry_run: run.dry_run,
      ...(reach ? { reach } : {}),
      ...(expected_cost_usd === undefined ? {} : { expected_cost_usd }),
      summary,
      ...(error ? { error } : {}),
      next: nextStep(run),
    };
  },
});

import { z } from 'zod';
import { agentChanges } from '../src/domain/agents/agent.ts';
import { beginBacktest, demandBacktest, expectBacktest } from '../src/engine/agents/backtest.ts';
import {
  baselineShape,
  cohortShape,
  exampleShape,
  outcomeShape,
  pairedTestShape,
  precisionShape,
} from '../src/engine/base/shown/backtest.ts';
import { readBacktest, waitForRun } from '../src/engine/runs/read.ts';
import { checkArgs } from '../src/mcp/arguments.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { agentId, runId, waitSeconds } from '../src/mcp/fields.ts';

const WAIT = 5;
/** The changes stand in the schema of update_agent: told twice, they would cost every conversation twice. */
const drafted = z.strictObject({ changes: agentChanges });

export const backtestAgentTool = defineTool({
  name: 'backtest_agent',
  title: 'Backtest agent',
  description:
    'Replays past decisions with a version or unsaved changes: which rejected ones it drops (caught), which approved (lost). dry_run tells the cost.',
  toolset: 'insights',
  scopes: ['agents:trigger'],
  hints: ADDS,
  input: z.strictObject({
    agent_id: agentId,
    version: z.int().min(1).optional(),
    changes: z.record(z.string(), z.unknown()).optional(),
    limit: z.int().min(1).max(1000).optional(),
    dry_run: z.boolean().optional(),
    run_id: runId.optional(),
    wait_seconds: waitSeconds(30),
  }),
  output: {
    next: 'string',
    run_id: 'string',
    cohort: { one: cohortShape },
    baseline: { one: baselineShape },
    outcome: { one: outcomeShape },
    precision: { one: precisionShape },
    test: { maybe: pairedTestShape },
    verdict: 'string',
    examples: { many: exampleShape },
  },
  async handler({ agent_id, version, changes, limit, dry_run, run_id, wait_seconds = WAIT }, call) {
    const { house, by, signal, onProgress } = call;
    const draft = changes === undefined ? undefined : checkArgs(drafted, { changes }).changes;
    const args = { agent_id, version, changes: draft, limit };
    if (run_id === undefined && dry_run === true) return expectBacktest(house, args);
    const id =
      run_id === undefined ? (await beginBacktest(house, by, args)).id : await demandBacktest(house, agent_id, run_id);
    await waitForRun(house, id, wait_seconds, { signal, onProgress });
    return readBacktest(house, id);
  },
});

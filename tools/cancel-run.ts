import { z } from 'zod';
import { runShape, shownRun } from '../src/engine/base/shown/run.ts';
import { cancelRun } from '../src/engine/runs/cancel.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { runId } from '../src/mcp/fields.ts';

export const cancelRunTool = defineTool({
  name: 'cancel_run',
  title: 'Cancel run',
  description: 'Stops a run from evaluating further contacts. What the run has proposed stays and is decided as usual.',
  toolset: 'runs',
  scopes: ['agents:trigger'],
  hints: CHANGES,
  input: z.strictObject({ run_id: runId }),
  output: { run: { one: runShape } },
  handler: async ({ run_id }, { house, by }) => ({ run: shownRun(await cancelRun(house, by, run_id)) }),
});

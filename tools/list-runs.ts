import { z } from 'zod';
import { RUN_STATUSES } from '../src/domain/runs/run.ts';
import { runShape } from '../src/engine/base/shown/run.ts';
import { listRuns } from '../src/engine/runs/read.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';
import { pagedResult, pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';

export const listRunsTool = defineTool({
  name: 'list_runs',
  title: 'List runs',
  description:
    'Lists the runs of one agent or of all, newest first, with status and counts. get_run gives the results of one run.',
  toolset: 'runs',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ agent_id: agentId.optional(), status: z.enum(RUN_STATUSES).optional(), ...pageFields(100) }),
  output: { runs: { many: runShape }, ...pageKeys },
  async handler({ limit, offset, ...filter }, { house }) {
    return pagedResult('runs', await listRuns(house, filter, pageFrom({ limit, offset })));
  },
});

import { z } from 'zod';
import type { House } from '../src/engine/base/house.ts';
import { runShape } from '../src/engine/base/shown/run.ts';
import { runFingerprint } from '../src/engine/runs/fingerprints.ts';
import { getRun, recentRuns, waitForRun } from '../src/engine/runs/read.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { contactId, runId, waitSeconds } from '../src/mcp/fields.ts';
import { pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';

/** The contacts on a page, unless fewer are asked for. */
const PAGE = 25;

const fingerprint = ({ run_id = '', contact_id }: Readonly<Record<string, string>>, house: House) =>
  runFingerprint(house, run_id, contact_id, pageFrom({}, PAGE));

export const getRunTool = defineTool({
  name: 'get_run',
  title: 'Get run',
  description: `Reads a run: its status, counts, and in mode full the reasoning, proposed and blocked actions of each contact, ${PAGE} a page. contact_id gives one contact only. wait_seconds waits for it to end first.`,
  toolset: 'runs',
  scopes: ['agents:read'],
  hints: READS,
  tellsWaiting: 'run',
  input: z.strictObject({
    run_id: runId,
    mode: z.enum(['full', 'summary']).optional(),
    contact_id: contactId.optional(),
    ...pageFields(PAGE),
    wait_seconds: waitSeconds(30),
  }),
  output: { run: { one: runShape }, ...pageKeys },
  resources: [
    {
      name: 'run',
      title: 'Run',
      uri: 'countersign://runs/{run_id}',
      description: 'One run with its first results, as get_run gives it',
      list: recentRuns,
      fingerprint,
    },
    {
      name: 'run_contact',
      title: 'Contact in a run',
      uri: 'countersign://runs/{run_id}/contacts/{contact_id}',
      description: 'What one run made of one contact',
      fingerprint,
    },
  ],
  async handler({ run_id, mode = 'full', contact_id, limit, offset, wait_seconds = 0 }, { house, signal, onProgress }) {
    if (wait_seconds > 0) await waitForRun(house, run_id, wait_seconds, { signal, onProgress });
    return getRun(house, { run_id, mode, contact_id }, pageFrom({ limit, offset }, PAGE));
  },
});

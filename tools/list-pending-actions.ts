import { z } from 'zod';
import { tokensOf } from '../src/domain/text/tokens.ts';
import { pendingRowShape } from '../src/engine/base/shown/action.ts';
import { changeShape } from '../src/engine/base/shown/change.ts';
import { listChanges } from '../src/engine/changes/list.ts';
import { askForOldGrantsBeforeReading } from '../src/engine/changes/old-grants.ts';
import { lookBeforeListing } from '../src/engine/mail/mailboxes.ts';
import { listPending } from '../src/engine/review/pending.ts';
import { pendingFingerprint } from '../src/engine/runs/fingerprints.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { agentId, contactId, runId } from '../src/mcp/fields.ts';
import { pagedResult, pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';
import { DESK_PANEL } from '../src/mcp/panels/desk-panel.ts';

export const listPendingActionsTool = defineTool({
  name: 'list_pending_actions',
  title: 'List pending actions',
  description:
    'Lists what waits for a person, oldest first, with contact, recipient, reasoning and digest; also attempts whose outcome is unknown (settle_action), with status failed those that failed, with approved those that wait for their time. review_token stands for exactly the rows given: review_actions decides them all. detail brief fits more rows on a page. changes are calls that wait whole for a person, who decides at the desk.',
  toolset: 'review',
  scopes: ['agents:read'],
  hints: READS,
  tellsWaiting: 'all',
  panel: DESK_PANEL,
  input: z.strictObject({
    agent_id: agentId.optional(),
    run_id: runId.optional(),
    contact_id: contactId.optional(),
    type: z.string().optional(),
    status: z.enum(['pending_approval', 'unknown', 'failed', 'approved']).optional(),
    detail: z.enum(['full', 'brief']).optional(),
    ...pageFields(1000),
  }),
  output: {
    warnings: 'array',
    review_token: 'string',
    changes_total: 'integer',
    changes: { many: changeShape },
    actions: { many: pendingRowShape },
    ...pageKeys,
  },
  resources: [
    {
      name: 'pending',
      title: 'Pending actions',
      uri: 'countersign://pending',
      description: 'What waits for a person, as list_pending_actions gives it',
      fingerprint: (_variables, house) => pendingFingerprint(house, pageFrom({})),
    },
  ],
  async handler({ limit, offset, detail = 'full', ...filter }, { house, by }) {
    const [warnings] = await Promise.all([lookBeforeListing(house), askForOldGrantsBeforeReading(house)]);
    const waiting = await listChanges(house, filter);
    // What waits as a change takes room of the same page.
    const listing = { ...filter, detail, taken: tokensOf([waiting, warnings]) };
    const { review_token, ...page } = await listPending(house, by, listing, pageFrom({ limit, offset }));
    const first = { ...(warnings.length > 0 ? { warnings } : {}), ...(review_token ? { review_token } : {}) };
    return { ...first, ...waiting, ...pagedResult('actions', page) };
  },
});

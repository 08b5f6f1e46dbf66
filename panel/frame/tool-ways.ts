import type { ChangeAsShown } from '../../src/engine/base/shown/change.ts';
import { itemKey, refOfRow, type Ways } from '../base/desk.ts';
import { failureText } from '../base/server.ts';
import type { QueueAnswer, QueueRow, Ref } from '../base/wire.ts';
import { greetHost, type Host, type HostSaid, type ToolResult } from './host.ts';

type ListedByTool = {
  actions?: QueueRow[];
  total?: number;
  changes?: ChangeAsShown[];
  changes_total?: number;
  notice?: string;
};
type DecidedByTool = { decision: string; rows: (Ref & { digest: string; params?: unknown })[]; reason?: string };

/** What a tool gave; throws what it refused with. */
function contentOf({ structuredContent, isError, content }: ToolResult): HostSaid {
  const text = content?.[0]?.text ?? '{}';
  if (isError) throw new Error(/"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text);
  return structuredContent ?? JSON.parse(text);
}

function queueOfTool(listed: ListedByTool): QueueAnswer {
  const { actions = [], total = actions.length, changes = [], changes_total = 0, notice = '' } = listed;
  const rows = actions
    .filter(({ contact }) => contact)
    .map((row): QueueRow => ({ ...row, nonce: '', needs: 'client' }));
  const unknown = rows.filter(({ status }) => status === 'unknown').length;
  return {
    ...{ actions: rows, total, total_waiting: total, unknown, groups: [] },
    // What it says of itself is all that a panel has to know whether it changed.
    changes: changes.map((change) => ({ ...change, nonce: '', binding: JSON.stringify(change), lines: [] })),
    changes_total,
    // While it is on, every result says so.
    brake: { on: notice.startsWith('The brake is on') },
  };
}

/** Decides row by row: each is a plain call of a tool, and what it refuses is told. */
async function decideByTool(host: Host, { decision, rows, reason }: DecidedByTool) {
  const skipped: (Ref & { reason: string })[] = [];
  for (const { digest: expected_digest, params, ...row } of rows) {
    const ref = refOfRow(row);
    try {
      contentOf(await host.call(`${decision}_action`, { ...ref, expected_digest, params, reason }));
    } catch (error) {
      skipped.push({ ...ref, reason: failureText(error) });
    }
  }
  return { decided: rows.length - skipped.length, skipped };
}

/** How the panel reaches the server: by the host's calls of tools, which are calls like a model's. */
export async function waysOfTools(changed: () => void): Promise<Ways & { theme: string }> {
  let known: ListedByTool = {};
  const host = await greetHost((result) => {
    known = contentOf(result);
    changed();
  });
  const { theme, mayCall, call } = host;
  const rowAt = (ref: Ref) => queueOfTool(known).actions.find((row) => itemKey(row) === itemKey(ref));
  async function post(path: string, asked: HostSaid): Promise<HostSaid> {
    const { ref, digest, outcome, feedback } = asked;
    if (path === 'decide') return decideByTool(host, asked);
    if (path === 'settle') return contentOf(await call('settle_action', { ...ref, outcome, expected_digest: digest }));
    if (path === 'revise') return contentOf(await call('revise_action', { ...ref, feedback }));
    if (path === 'open') return contentOf(await call('open_desk', {}));
    // An edit is checked as it is approved.
    if (path === 'edit') return { ...rowAt(ref), lines: [] };
    throw new Error('That is done at the desk.');
  }
  return {
    kind: 'panel',
    theme,
    mayDecide: () => mayCall,
    async queue() {
      if (mayCall) known = contentOf(await call('list_pending_actions', { limit: 50 }));
      return queueOfTool(known);
    },
    async story(ref) {
      const row = rowAt(ref);
      if (!row) throw new Error('It no longer waits.');
      const { params, reasoning, rejections = [] } = row;
      const shown = { row, lines: [], moved: [], params, proposed_params: params, edited: false, profile: {} };
      return { ...shown, reasoning, events: [], recent: [], rejections, may_revise: row.source !== 'chat' };
    },
    post,
    get: (path) => post(path, {}),
  };
}

import type { RowFamilies } from './families.ts';
import type { Pairs } from './pairs.ts';
import { rowKey } from './row-key.ts';

/** Where a row comes among others: the commit that brought it, the part of that, and its place there. */
export type RowBirth = { n: number; born: number; part: number; place: number };

/** The documents in rows that commits changed, with the last commit that did. Results are by contact and run. */
export type TouchedRows = {
  activity: Map<string, number>;
  ledger: Map<string, number>;
  threads: Map<string, number>;
  agents: Map<string, { n: number; isSaved: boolean }>;
  runs: Map<string, number>;
  results: Pairs<RowBirth>;
};

function resultRows({ results: touched }: TouchedRows, { results }: RowFamilies): unknown[] {
  const rows = touched.rows((contactId, run_id, { n, born, place }) => {
    const result = results.draftOf(run_id)?.results.get(contactId);
    if (!result) return [];
    return [{ run_id, contact_id: rowKey(contactId), n, born, place, body: JSON.stringify(result) }];
  });
  return rows.flat();
}

function runRows({ runs }: TouchedRows, { results }: RowFamilies): unknown[] {
  return [...runs].flatMap(([run_id, n]) => {
    const run = results.draftOf(run_id);
    if (!run) return [];
    const { targets, contact_ids, backtest, leases, taken } = run;
    const before = results.heldOf(run_id);
    const isSame = before?.targets === targets && before.contact_ids === contact_ids && before.backtest === backtest;
    return [
      {
        run_id,
        n,
        ...(isSame ? {} : { body: JSON.stringify({ targets, contact_ids, backtest }) }),
        leases: JSON.stringify(taken.size > 0 ? { leases: [...leases], taken: [...taken] } : [...leases]),
      },
    ];
  });
}

function agentRows({ agents }: TouchedRows, { agentFiles }: RowFamilies): unknown[] {
  return [...agents].flatMap(([agent_id, { n, isSaved }]) => {
    const file = agentFiles.draftOf(agent_id);
    if (!file) return [];
    const { versions, usage } = file;
    return [
      {
        ...{ agent_id, n, usage: usage && JSON.stringify(usage) },
        ...(isSaved ? { versions: JSON.stringify(versions) } : {}),
      },
    ];
  });
}

/** The rows of what commits have drafted: the newest bodies alone. */
export function bodiesOf(touched: TouchedRows, families: RowFamilies): Record<string, unknown[]> {
  const { activity, ledger, thread } = families;
  const row = (contactId: string, n: number, value: unknown) =>
    value === undefined ? [] : [{ contact_id: rowKey(contactId), n, body: JSON.stringify(value) }];
  return {
    activity: [...touched.activity].flatMap(([id, n]) => row(id, n, activity.draftOf(id)?.get(id))),
    ledger: [...touched.ledger].flatMap(([id, n]) => row(id, n, ledger.draftOf(id)?.get(id))),
    messages: [...touched.threads].flatMap(([thread_id, n]) => {
      const messages = thread.draftOf(thread_id);
      return messages ? [{ thread_id, n, body: JSON.stringify(messages) }] : [];
    }),
    agent_files: agentRows(touched, families),
    runs: runRows(touched, families),
    results: resultRows(touched, families),
  };
}

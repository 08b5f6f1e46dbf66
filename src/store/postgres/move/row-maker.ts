import type { Client } from 'pg';
import type { LogLine } from '../../move/place.ts';
import { coreBody } from '../access/core-row.ts';
import { readCommitLine } from '../memory/commit-lines.ts';
import { loadRows } from '../memory/load-rows.ts';
import { Memory } from '../memory/memory.ts';
import { inTransaction } from './transaction.ts';

/** About so many bytes of rows stay in memory from one batch of commits to the next, as a memory counts them. */
const MEMORY_BYTES = 4 << 20;
/** So many commits are folded together at most. */
const MOST_COMMITS = 200;
/** Everything that is made from the commits. */
const MADE = [
  ...[
    'contacts',
    'aliases',
    'addresses',
    'activity',
    'ledger',
    'evaluated',
    'runs',
    'run_people',
    'results',
    'messages',
  ],
  ...['agent_files', 'agent_teams', 'agent_work', 'keys', 'nonces', 'decisions', 'redactions', 'mentions', 'documents'],
];

type Draft = { n: number; sha: string; line: string };

/**
 * Makes the rows of a database from its commits, over a connection of its owner, while no process uses it. It holds neither the log nor the
 * contacts in memory.
 */
export class RowMaker {
  private readonly client: Client;
  private readonly memory = new Memory('move', false);
  private isBegun = false;

  constructor(client: Client) {
    this.client = client;
    this.memory.begin(this.memory.head, {});
  }

  /** Makes the rows of the commits that came since the last call; at the first call all of them anew. */
  async forward(lines: (from: number) => AsyncIterable<LogLine[]>): Promise<void> {
    if (!this.isBegun) await this.client.query(`truncate ${MADE.join(', ')}`);
    this.isBegun = true;
    for await (const batch of lines(this.memory.head.n + 1))
      for (let at = 0; at < batch.length; at += MOST_COMMITS) await this.take(batch.slice(at, at + MOST_COMMITS));
    const { head } = this.memory;
    if (head.n > 0)
      await this.client.query(
        `insert into documents (name, n, body) values ('core', $1, $2)
         on conflict (name) do update set n = excluded.n, body = excluded.body`,
        [head.n, coreBody(this.memory)],
      );
  }

  private async take(batch: readonly LogLine[]): Promise<void> {
    const { memory, client } = this;
    const drafts = batch.map(({ n, sha, bytes }): Draft => ({ n, sha, line: bytes.toString('utf8') }));
    const last = drafts.at(-1);
    if (!last) return;
    const commits = drafts.map(({ line }) => readCommitLine(line).commit);
    await inTransaction(client, async () => {
      for (;;) {
        const missed = this.draft(commits);
        if (missed.size === 0) break;
        for (const put of await loadRows(client, missed, memory.rows)) put();
      }
      await client.query('select put_rows($1)', [JSON.stringify(memory.changes.toJson(memory.rows))]);
    });
    memory.keepDraft({ ...memory.head, n: last.n, sha: last.sha });
    memory.release({ memoryBytes: MEMORY_BYTES, looksInUse: 0 });
  }

  /** Folds the commits into a draft. Gives which documents are missing: then the draft is of no use. */
  private draft(commits: readonly ReturnType<typeof readCommitLine>['commit'][]): Map<string, Set<string>> {
    const { memory } = this;
    const missed = new Map<string, Set<string>>();
    memory.dropDraft();
    for (const { n, events } of commits) {
      if (memory.draft(n, events)) continue;
      for (const [family, ids] of memory.attention.missed)
        missed.set(family, new Set([...(missed.get(family) ?? []), ...ids]));
    }
    return missed;
  }
}

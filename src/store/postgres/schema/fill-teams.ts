import type { Client } from 'pg';
import { readCommitLine } from '../memory/commit-lines.ts';
import { type Belongings, noteBelonging } from '../memory/team-rows.ts';

/** The format that first says which team's an agent is. */
export const TEAMS_SINCE = 5;

/** So many lines are read at once. */
const LINES = 50;

/** Writes which team's each agent is, and which agent's each run and conversation, in a database whose commits are older than these rows. */
export async function fillTeams(client: Client): Promise<void> {
  for (let since = 0; ; ) {
    const { rows } = await client.query<{ n: number; line: string }>(
      `select n, line from commits
       where n > $1 and line ~ '"type":"(agent_saved|run_created|thread_talked)"' order by n limit $2`,
      [since, LINES],
    );
    const last = rows.at(-1);
    if (!last) return;
    since = last.n;
    const found: Belongings = { agent_teams: new Map(), agent_work: new Map() };
    for (const { n, line } of rows)
      for (const event of readCommitLine(line).commit.events) noteBelonging(found, event, n);
    const added = Object.entries(found).map(([table, made]) => [table, [...made.values()]]);
    await client.query('select put_rows($1)', [JSON.stringify(Object.fromEntries(added))]);
  }
}

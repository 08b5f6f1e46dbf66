import type { Client } from 'pg';
import { withinTime } from '../connection/within-time.ts';
import type { LogHead } from '../memory/memory.ts';
import { CLOCK_NOW, type DatabaseClock } from './database-clock.ts';

/** What a process that knows a commit has to learn: where the head stands, who lives, and the next lines. */
export type NewsRow = LogHead & { holders: string[]; alive: string[]; lines: string[] | null };

const NEWS_STATEMENT = `select *, ${CLOCK_NOW} as clock from news($1, $2, $3)`;

/** Asks for the news since a commit, at most `most` lines, and has the process's clock follow the database's. */
export async function newsBy(
  client: Client,
  clock: DatabaseClock,
  { since, ahead, most }: { since: number; ahead: number; most: number },
): Promise<NewsRow | undefined> {
  const began = performance.now();
  const asked = withinTime(NEWS_STATEMENT, [since, ahead / 1000, most]);
  const { rows } = await client.query<NewsRow & { clock: number }>(asked);
  const [news] = rows;
  if (news) clock.heard(news.clock, began);
  return news;
}

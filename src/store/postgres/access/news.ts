import type { Client } from 'pg';
import { isObject } from '../../../domain/base/json.ts';
import { inOneMessage } from '../connection/one-message.ts';
import { withinTime } from '../connection/within-time.ts';
import { readCommitLine } from '../memory/commit-lines.ts';
import type { LogHead } from '../memory/memory.ts';

/** Where the head stands, the next lines, and who lives: what a process learns of what others did. */
export type NewsRow = LogHead & { holders: string[]; alive: string[]; lines: string[] | null };

/** Whether the database goes on from where memory stands: the same newest commit, or lines behind it. */
export function follows(news: NewsRow, { n, sha }: LogHead): boolean {
  if (news.n <= n) return news.n === n && news.sha === sha;
  const [next] = news.lines ?? [];
  return next === undefined || readCommitLine(next).commit.prev === sha;
}

type Asked = readonly [since: number, ahead: number, most: number];

/** The news behind commit `since`, at most so many lines. `ahead`: seconds that are added to the database's clock. */
export async function plainNews(client: Client, asked: Asked): Promise<NewsRow | undefined> {
  const { rows } = await client.query<NewsRow>(withinTime('select * from news($1, $2, $3)', [...asked]));
  return rows[0];
}

/** Begins a transaction in which nobody else can commit any more, and reads the news then. */
export async function lockedNews(client: Client, asked: Asked): Promise<NewsRow | undefined> {
  const [, rows = []] = await inOneMessage(client, ['begin', `select * from locked_news(${asked.join(', ')})`]);
  return rows.find(isNews);
}

const isNews = (row: unknown): row is NewsRow => isObject(row) && 'holders' in row && 'lines' in row;

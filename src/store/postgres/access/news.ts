import type { Client } from 'pg';
import { isObject } from '../../../domain/base/json.ts';
import { inOneMessage } from '../connection/one-message.ts';
import { withinTime } from '../connection/within-time.ts';
import { readCommitLine } from '../memory/commit-lines.ts';
import type { LogHead } from '../memory/memory.ts';
import { CLOCK_NOW, type DatabaseClock } from './database-clock.ts';

/** So many commits are read at once. */
const AT_ONCE = 500;

/** What a process that knows a commit has to learn: where the head stands, who lives, and the next lines. */
export type NewsRow = LogHead & { holders: string[]; alive: string[]; lines: string[] };
/** Since which commit news is asked for, and by how many seconds the clock is ahead. */
type Asked = readonly [since: number, ahead: number];
type TimedRow = Omit<NewsRow, 'lines'> & { clock: number; lines: string | null };

/**
 * The news as one text with a line each: the driver reads an array letter by letter, which takes many times as long as all
 * else that is done with a line.
 */
const COLUMNS = `n, sha, epoch, unsealed, holders, alive, array_to_string(lines, E'\\n') as lines, ${CLOCK_NOW} as clock`;

const isNews = (row: unknown): row is TimedRow => isObject(row) && 'holders' in row && 'lines' in row;

function heard({ lines, clock: shown, ...news }: TimedRow, clock: DatabaseClock, began: number): NewsRow {
  clock.heard(shown, began);
  return { ...news, lines: lines ? lines.split('\n') : [] };
}

/** Asks for news, and has the process's clock follow the database's. */
export async function plainNews(client: Client, clock: DatabaseClock, asked: Asked): Promise<NewsRow | undefined> {
  const began = performance.now();
  const text = `select ${COLUMNS} from news($1, $2, $3)`;
  const { rows } = await client.query<TimedRow>(withinTime(text, [...asked, AT_ONCE]));
  return rows[0] && heard(rows[0], clock, began);
}

/** Begins a transaction in which nobody else can commit any more, and reads the news then. */
export async function lockedNews(client: Client, clock: DatabaseClock, asked: Asked): Promise<NewsRow | undefined> {
  const began = performance.now();
  const text = `select ${COLUMNS} from locked_news(${[...asked, AT_ONCE].join(', ')})`;
  const [, rows = []] = await inOneMessage(client, ['begin', text], 0);
  const news = rows.find(isNews);
  return news && heard(news, clock, began);
}

/** Whether the database goes on from where memory stands: the same newest commit, or lines behind it. */
export function newsFollows(news: NewsRow, { n, sha }: LogHead): boolean {
  if (news.n <= n) return news.n === n && news.sha === sha;
  const [next] = news.lines;
  return next === undefined || readCommitLine(next).commit.prev === sha;
}

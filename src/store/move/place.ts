import type { Token } from '../../domain/access/token.ts';
import type { OutboxFile } from '../../files/outbox.ts';

/** A line of the log, without its line feed. `isSeal`: it is the last of its segment. `sha` is what the next line names. */
export type LogLine = { n: number; sha: string; isSeal: boolean; bytes: Buffer };
/** The SHA-256 of a line's bytes, in hex, by its number: two places hold the same line where it is the same. */
export type LinePrint = { n: number; print: string };

/** Where a log is, in a folder or in a database. */
export type LogPlace = {
  /** How it is named to people, without a password. */
  readonly shown: string;
  /**
   * The lines that count from commit `from` on, in order, some at a time, up to the newest that there is by then. Throws
   * AppError STORE_ERROR where one is missing or damaged.
   */
  lines: (from: number) => AsyncIterable<LogLine[]>;
  /** The same of their prints, up to commit `to`. */
  prints: (to: number) => AsyncIterable<LinePrint[]>;
};

/** What a home holds beside its log. */
export type KeptBeside = {
  /** The 32 bytes that the home signs with; undefined where none were needed yet. */
  secret: Buffer | undefined;
  /** What is kept for a day, and since when. */
  kept: { token: string; value: string; at: Date }[];
  /** The files of its outbox, which are read one after the other. */
  outbox: AsyncIterable<OutboxFile>;
  tokens: Token[];
};

/** Where a home is moved from. */
export type MoveSource = LogPlace & {
  /** Where the home has moved to; undefined while it is here. */
  movedTo: () => Promise<string | undefined>;
  /** The newest commit, by its number and the digest that the next line names; undefined where there is none. */
  newest: () => Promise<Pick<LogLine, 'n' | 'sha'> | undefined>;
  /** Readies the home for a move, while it is still written to. */
  settle: () => Promise<void>;
  /** From here on no process writes to it: what is acknowledged is in its log when this ends. */
  stop: (to: string) => Promise<void>;
  beside: () => Promise<KeptBeside>;
  /** All of it is there. */
  arrived: (to: string) => Promise<void>;
};

/** How a place stands where a home is moved to: `empty`, being filled from somewhere, or a home of its own. */
export type TargetState = 'empty' | { filling: string } | 'home';

/** Where a home is moved to. */
export type MoveTarget = LogPlace & {
  state: () => Promise<TargetState>;
  /** Has it wait for the lines of a home: until it is complete, nothing else uses it. */
  begin: (from: string) => Promise<void>;
  /** The number of its newest line. What was written half is taken away. */
  newest: () => Promise<number>;
  /** Whether it has the commit that the next line names by this digest. */
  has: (n: number, sha: string) => Promise<boolean>;
  /** Writes the lines behind its newest one. They are durable once this ends. */
  write: (lines: readonly LogLine[]) => Promise<void>;
  /** Puts lines in the place of those with the same numbers. */
  replace: (lines: readonly LogLine[]) => Promise<void>;
  /** Makes from the lines what a home needs beside them. It costs little where little came since the last time. */
  ready: () => Promise<void>;
  /** From here on the home is here. */
  complete: (beside: KeptBeside) => Promise<void>;
};

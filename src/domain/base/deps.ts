import type { Config } from './config.ts';
import type { Schemas } from './schema-check.ts';
import type { Price } from './usage.ts';

/** What the code takes from the world: clock, ids, log, HTTP, files. `process/` makes it, and tests make their own. */
export type Deps = {
  now: () => Date;
  newId: (prefix: string) => string;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** The home's folder: no import reads its files. Unset in tests without one. */
  home?: string;
  /**
   * What a person types into a terminal to review what waits, and to take the brake off; unset where a bundle started
   * this process.
   */
  reviewCommand?: string | undefined;
  resumeCommand?: string | undefined;
  /** The only way to make an HTTP request. It refuses private addresses, and is loaded when first used. */
  fetch: typeof globalThis.fetch;
  /** Checks of JSON Schemas, in a thread of their own: it is started when first used. */
  schemas: Schemas;
  /** HOME/config.json as it is now; throws an AppError that names the file and what is wrong with it. */
  config: () => Config;
  /** HOME/prices.json as it is now, by model; throws an AppError that names the file and what is wrong with it. */
  prices: () => ReadonlyMap<string, Price>;
  /** Files that actions leave for the person, such as messages to send by hand. */
  outbox: Outbox;
};

/** A folder of files that actions leave for the person. Both functions throw a STORE_ERROR that names the path. */
export type Outbox = {
  /** Writes or replaces one file, whole or not at all; gives its absolute path once the file is on disk. */
  write: (fileName: string, content: string | Buffer) => Promise<string>;
  /** Removes the files that were written for one contact; there may be none. */
  remove: (contactId: string) => Promise<void>;
};

/** Structured logging to stderr, called as pino is: fields first, then the message. */
export type Log = {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

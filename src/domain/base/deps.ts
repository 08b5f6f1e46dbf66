import type { Config } from './config.ts';
import type { Price } from './usage.ts';

/** What the world gives: made in `process/`, and handed down from there, so that tests hand down their own. */
export type Deps = {
  now: () => Date;
  newId: (prefix: string) => string;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** The one way to make an HTTP request: guarded, and loaded when first used. */
  fetch: typeof globalThis.fetch;
  /** HOME/config.json as it is now; throws AppError that names the file and its fault. */
  config: () => Config;
  /** HOME/prices.json as it is now, by model; throws AppError that names the file and its fault. */
  prices: () => ReadonlyMap<string, Price>;
  /** Files for the person: messages to send by hand. */
  outbox: Outbox;
};

/** A folder of files that actions leave for the person. Throws STORE_ERROR that names the path. */
export type Outbox = {
  /** Writes one file, whole or not at all, replacing an earlier one; it is on disk when this gives its absolute path. */
  write: (fileName: string, content: string | Buffer) => Promise<string>;
  /** Removes what was written for one contact, as far as it is there. */
  remove: (contactId: string) => Promise<void>;
};

/** Structured logging on stderr; pino's shape. */
export type Log = {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

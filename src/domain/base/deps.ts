import type { Config } from './config.ts';
import type { DeskDoor } from './desk.ts';
import type { Schemas } from './schema-check.ts';
import type { AudioPrice, Price } from './usage.ts';

/** What the code takes from the world: clock, ids, log, HTTP, files. `process/` makes it, and tests make their own. */
export type Deps = {
  now: () => Date;
  /**
   * Has `now` follow the clock that decides for several machines, a database's: just now that shows a time between these two, in ms
   * since 1970. Unset where `now` follows none.
   */
  followClock?: (least: number, most: number) => void;
  newId: (prefix: string) => string;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** The home's folder: no import reads its files. Unset in tests without one. */
  home?: string;
  /**
   * The folder where the process was started: an import may read there, where the person named no folders. Unset where
   * others than that person call.
   */
  workingDirectory?: string;
  /**
   * What a person types into a terminal to review what waits, and to take the brake off; unset where a bundle started
   * this process.
   */
  reviewCommand?: string | undefined;
  resumeCommand?: string | undefined;
  /**
   * How the person gets to the desk: by the tool `open_desk`, or at a link; unset where nothing of it can be served, as in a
   * command.
   */
  deskWay?: string | undefined;
  /** Opens the desk at this machine; unset where callers may sit elsewhere. */
  desk?: DeskDoor | undefined;
  /** The only way to make an HTTP request. It refuses private addresses, and is loaded when first used. */
  fetch: typeof globalThis.fetch;
  /** The only way to open a WebSocket, with the same refusals. */
  openSocket: OpenSocket;
  /** Checks of JSON Schemas, in a thread of their own: it is started when first used. */
  schemas: Schemas;
  /** HOME/config.json as it is now; throws an AppError that names the file and what is wrong with it. */
  config: () => Config;
  /** HOME/prices.json as it is now, by model; throws an AppError that names the file and what is wrong with it. */
  prices: () => ReadonlyMap<string, Price>;
  /** What of HOME/prices.json is about hearing and speaking, by model; throws as `prices` does. */
  audioPrices: () => ReadonlyMap<string, AudioPrice>;
  /** Where the home is served now, and with it the desk; undefined where it isn't. Nothing in it is secret. */
  servedAt: () => string | undefined;
  /** Files that actions leave for the person, such as messages to send by hand. */
  outbox: Outbox;
};

/** Opens a WebSocket at an http(s) URL, and gives its texts. Throws where no connection comes about. */
export type OpenSocket = (
  url: URL,
  options: {
    headers: Record<string, string>;
    /** The most bytes of one message. */
    maxBytes: number;
    onText: (text: string) => void;
    onClose: (why: string) => void;
  },
) => Promise<{ send: (text: string) => void; close: () => void }>;

/** The files that actions leave for the person. Each function throws a STORE_ERROR that names the path. */
export type Outbox = {
  /** Writes or replaces one file, whole or not at all; gives its absolute path, or where else it is, once it is on disk. */
  write: (fileName: string, content: string | Buffer) => Promise<string>;
  /** The content of one file; undefined where there is none. */
  read: (fileName: string) => Promise<Buffer | undefined>;
  /** The names of the files that actions have left, at most `most`, the one that was written last first. */
  newest: (most: number) => Promise<string[]>;
  /** Removes the files that were written for one contact, or in one thread, by its id; there may be none. */
  remove: (id: string) => Promise<void>;
  /** Removes what this machine has of files that another one removed; unset where no other machine can. */
  tidy?: () => Promise<void>;
};

/** Structured logging to stderr, called as pino is: fields first, then the message. */
export type Log = {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

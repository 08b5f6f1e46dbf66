/** What the world gives: handed down from `main.ts`, so that tests hand down their own. */
export type Deps = {
  now: () => Date;
  newId: (prefix: string) => string;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** The one way to make an HTTP request: guarded, and loaded when first used. */
  fetch: typeof globalThis.fetch;
};

/** Structured logging on stderr; pino's shape. */
export type Log = {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

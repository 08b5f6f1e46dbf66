/** What the world gives: handed down from `main.ts`, so that tests hand down their own. */
export type Deps = {
  now: () => Date;
  newId: (prefix: string) => string;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
};

/** Structured logging on stderr; pino's shape. */
export type Log = {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

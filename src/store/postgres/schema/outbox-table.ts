/** Files that actions leave for a person, so that every machine has them. `at` is when a file was written last. */
export const OUTBOX_TABLE = `
create table if not exists outbox (
  name text primary key check (name ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$'),
  at timestamptz not null,
  content bytea not null
);
create index if not exists outbox_by_time on outbox (at);
`;

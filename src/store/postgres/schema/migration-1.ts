/**
 * The tables of a home in a database, as its first format has them. `commits` is the truth, a line of the log each, byte
 * for byte as a JSON home writes it, without the line feed. `head` names the newest. All else is made from the lines, and
 * can be made again: rows by key of what grows with contacts, and `documents`, which is what a process reads first.
 *
 * Bodies are JSON as text: jsonb refuses NUL, and would give the fields in another order. `narrow` is the same as jsonb where that can
 * be, and null where it can't: a search then has to look at the row itself. Keys are written by `rowKey`.
 */
export const TABLES = `
create table commits (
  n bigint primary key check (n > 0),
  sha text not null,
  line text not null
);
create table head (
  is_only boolean primary key default true check (is_only),
  n bigint not null,
  sha text not null,
  epoch bigint not null default 0,
  unsealed bigint not null default 0,
  moved_to text,
  filling text
);
insert into head (n, sha) values (0, '');

create table contacts (
  id text primary key,
  n bigint not null,
  born bigint not null,
  part integer not null,
  place integer not null,
  body text not null,
  narrow jsonb
);
create index contacts_by_birth on contacts (born, part, place);
create index contacts_by_value on contacts using gin (narrow jsonb_path_ops);
create index contacts_without_value on contacts (id) where narrow is null;
create table aliases (id text primary key, n bigint not null, contact_id text not null);
create index aliases_by_contact on aliases (contact_id);
create table addresses (key text not null, contact_id text not null, n bigint not null, primary key (key, contact_id));
create index addresses_by_contact on addresses (contact_id);
create table activity (contact_id text primary key, n bigint not null, body text not null);
create table ledger (contact_id text primary key, n bigint not null, body text not null);
create table evaluated (
  agent_id text not null, contact_id text not null, n bigint not null, at text not null,
  primary key (agent_id, contact_id)
);
create index evaluated_by_contact on evaluated (contact_id);
create table runs (run_id text primary key, n bigint not null, body text, leases text);
create table run_people (contact_id text not null, run_id text not null, primary key (contact_id, run_id));
create index run_people_by_run on run_people (run_id);
create table results (
  run_id text not null, contact_id text not null, n bigint not null, born bigint not null, place integer not null,
  body text not null,
  primary key (run_id, contact_id)
);
create index results_by_contact on results (contact_id);
create table messages (thread_id text primary key, n bigint not null, body text not null);
create table agent_files (agent_id text primary key, n bigint not null, versions text, usage text);
create table keys (key text primary key, n bigint not null, body text not null);
create table nonces (nonce text primary key, n bigint not null);
create table decisions (seq bigint primary key, n bigint not null);
create table redactions (seq bigint primary key, n bigint not null);
create table mentions (name text not null, n bigint not null, primary key (name, n));

create table documents (name text primary key, n bigint not null, body text not null);
create table leases (holder text primary key, renewed timestamptz not null);
create table kept (token text primary key, at timestamptz not null, value text not null);
create table secrets (name text primary key, value bytea not null);
`;

/** What the role of the processes may do. It adds commits and decisions, and can't change those that there are. */
export const RIGHTS: readonly { on: readonly string[]; may: string }[] = [
  { on: ['commits', 'decisions', 'redactions'], may: 'select, insert' },
  { on: ['head'], may: 'select, update' },
  { on: ['secrets'], may: 'select, insert' },
  {
    on: [
      ...['contacts', 'aliases', 'addresses', 'activity', 'ledger', 'evaluated', 'runs', 'run_people', 'results'],
      ...['messages', 'agent_files', 'keys', 'nonces', 'mentions', 'documents', 'leases', 'kept', 'outbox'],
    ],
    may: 'select, insert, update, delete',
  },
  { on: ['tokens'], may: 'select, insert, update' },
  { on: ['agent_teams'], may: 'select, insert, update' },
  { on: ['agent_work'], may: 'select, insert' },
  { on: ['format', 'migrations', 'team_roles'], may: 'select' },
];

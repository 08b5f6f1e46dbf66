/**
 * Row-level security by team. A session is one team's where its role is in \`team_roles\`, else where it has set \`countersign.team\`; any other one
 * is the whole home's. A team's session reads what hangs on its own agents, and the contacts, which all teams share. It reads nothing in which the
 * work of several teams stands together, as the lines do, and writes nothing.
 */
const TEAMS = `
create table agent_teams (agent_id text primary key, n bigint not null, team integer not null);
create table agent_work (
  kind text not null check (kind in ('run', 'thread')), id text not null, n bigint not null, agent_id text not null,
  primary key (kind, id)
);
create table team_roles (role name primary key, team integer not null check (team > 0));
-- Its body is read once, here: no table of another schema can take a name in it later.
create function session_team() returns integer language sql stable
  return coalesce(
    (select r.team from team_roles r where r.role = current_user),
    nullif(current_setting('countersign.team', true), '')::integer
  );
`;

const IS_WHOLE = '(select session_team()) is null';

/** Which rows a team's session reads, by table. */
const READ_BY_TEAM: Readonly<Record<string, string>> = {
  agent_teams: 'team = (select session_team())',
  ...Object.fromEntries(
    ['agent_work', 'agent_files', 'evaluated'].map((table) => [
      table,
      `exists (select from agent_teams t where t.agent_id = ${table}.agent_id)`,
    ]),
  ),
  ...Object.fromEntries(
    ['runs', 'run_people', 'results'].map((table) => [
      table,
      `exists (select from agent_work w where w.kind = 'run' and w.id = ${table}.run_id)`,
    ]),
  ),
  messages: "exists (select from agent_work w where w.kind = 'thread' and w.id = messages.thread_id)",
  ...Object.fromEntries(
    [
      ...['commits', 'documents', 'activity', 'ledger', 'decisions', 'redactions', 'mentions', 'keys', 'nonces'],
      ...['kept', 'secrets', 'tokens', 'outbox'],
    ].map((table) => [table, 'false']),
  ),
};

const POLICIES = Object.entries(READ_BY_TEAM)
  .map(
    ([table, reads]) => `
alter table ${table} enable row level security;
create policy of_home on ${table} using (${IS_WHOLE}) with check (${IS_WHOLE});
${reads === 'false' ? '' : `create policy by_team on ${table} for select using (${reads});`}`,
  )
  .join('\n');

/** Rows also say whose agents there are, and which runs and conversations are theirs. These stay when an agent is deleted. */
const PUT_TEAMS = `
alter function put_rows(jsonb) rename to put_bodies;
create function put_rows(rows jsonb) returns void language plpgsql as $$
begin
  perform put_bodies(rows);
  if rows ? 'agent_teams' then
    insert into agent_teams (agent_id, n, team)
      select agent_id, n, team from jsonb_to_recordset(rows->'agent_teams') as x(agent_id text, n bigint, team integer)
      on conflict (agent_id) do update set n = excluded.n, team = excluded.team;
  end if;
  if rows ? 'agent_work' then
    insert into agent_work (kind, id, n, agent_id)
      select kind, id, n, agent_id
      from jsonb_to_recordset(rows->'agent_work') as x(kind text, id text, n bigint, agent_id text)
      on conflict (kind, id) do nothing;
  end if;
end $$;
`;

/**
 * Which of some agents, runs and conversations a session of a team reads. The team is compared here too: the policies of a table don't bind the
 * role that owns it.
 */
const SHOWN_TO_TEAM = `
create function shown_to_team(to_team integer, inout agents text[], inout runs text[], inout threads text[])
language plpgsql as $$
declare
  before text := current_setting('countersign.team', true);
begin
  perform set_config('countersign.team', to_team::text, true);
  agents := array(select t.agent_id from agent_teams t where t.agent_id = any(agents) and t.team = to_team);
  runs := array(
    select w.id from agent_work w join agent_teams t using (agent_id)
    where w.kind = 'run' and w.id = any(runs) and t.team = to_team
  );
  threads := array(
    select w.id from agent_work w join agent_teams t using (agent_id)
    where w.kind = 'thread' and w.id = any(threads) and t.team = to_team
  );
  perform set_config('countersign.team', coalesce(before, ''), true);
end $$;
`;

/** The same of the commits that there are. What jsonb refuses, NUL and halves of surrogate pairs, says nothing of teams: it is left out. */
const FILLED = `
with told as materialized (
  select c.n, e as event
  from commits c,
    narrowed(regexp_replace(c.line, '(\\\\\\\\)|\\\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\1', 'g')) j,
    jsonb_array_elements(j->'events') e
  where c.line ~ '"type":"(agent_saved|run_created|thread_talked)"'
    and e->>'type' in ('agent_saved', 'run_created', 'thread_talked')
), teams as (
  insert into agent_teams (agent_id, n, team)
    select distinct on (event->'agent'->>'id') event->'agent'->>'id', n, coalesce((event->'agent'->>'team')::integer, 1)
    from told where event->>'type' = 'agent_saved' order by event->'agent'->>'id', n desc
)
insert into agent_work (kind, id, n, agent_id)
  select distinct on (kind, id) kind, id, n, agent_id from (
    select 'run' as kind, event->'run'->>'id' as id, n, event->'run'->>'agent_id' as agent_id
      from told where event->>'type' = 'run_created'
    union all
    select 'thread', event->'thread'->>'thread_id', n, event->'thread'->>'agent_id'
      from told where event->>'type' = 'thread_talked'
  ) work order by kind, id, n;
`;

export const MIGRATION_5: readonly string[] = [TEAMS, POLICIES, PUT_TEAMS, FILLED, SHOWN_TO_TEAM];

/**
 * A text as jsonb; null where jsonb refuses it. It only narrows searches.
 */
export const NARROWED = `
create function narrowed(body text) returns jsonb language plpgsql immutable as $$
begin
  return body::jsonb;
exception when others then
  return null;
end $$;
`;

const TAKE_GONE = `  for one in select * from jsonb_to_recordset(rows->'gone') as x(id text, names text[], runs text[], agents text[]) loop
    delete from mentions where name = one.id or name in (select id from aliases where contact_id = one.id);
    delete from contacts where id = any(one.names);
    delete from aliases where contact_id = one.id;
    delete from addresses where contact_id = any(one.names);
    delete from activity where contact_id = one.id;
    delete from ledger where contact_id = any(one.names);
    delete from evaluated where contact_id = any(one.names) and agent_id = any(one.agents);
    delete from results where contact_id = any(one.names) and run_id = any(one.runs);
    delete from run_people where contact_id = any(one.names) and run_id = any(one.runs);
  end loop;
  for one in select value as id from jsonb_array_elements_text(rows->'gone_runs') loop
    delete from results where run_id = one.id;
    delete from run_people where run_id = one.id;
  end loop;
  for one in select value as id from jsonb_array_elements_text(rows->'gone_agents') loop
    delete from evaluated where agent_id = one.id;
    delete from agent_files where agent_id = one.id;
  end loop;
`;

const PUT_EACH = `  if rows ? 'contacts' then
    insert into contacts (id, n, born, part, place, body, narrow)
      select id, n, born, part, place, body, narrowed(body)
      from jsonb_to_recordset(rows->'contacts')
        as x(id text, n bigint, born bigint, part integer, place integer, body text)
      on conflict (id) do update set n = excluded.n, body = excluded.body, narrow = excluded.narrow;
  end if;
  if rows ? 'aliases' then
    insert into aliases (id, n, contact_id)
      select id, n, contact_id from jsonb_to_recordset(rows->'aliases') as x(id text, n bigint, contact_id text)
      on conflict (id) do update set n = excluded.n, contact_id = excluded.contact_id;
  end if;
  if rows ? 'addresses' then
    insert into addresses (key, contact_id, n)
      select key, contact_id, n from jsonb_to_recordset(rows->'addresses') as x(key text, contact_id text, n bigint)
      on conflict (key, contact_id) do nothing;
  end if;
  if rows ? 'activity' then
    insert into activity (contact_id, n, body)
      select contact_id, n, body from jsonb_to_recordset(rows->'activity') as x(contact_id text, n bigint, body text)
      on conflict (contact_id) do update set n = excluded.n, body = excluded.body;
  end if;
  if rows ? 'ledger' then
    insert into ledger (contact_id, n, body)
      select contact_id, n, body from jsonb_to_recordset(rows->'ledger') as x(contact_id text, n bigint, body text)
      on conflict (contact_id) do update set n = excluded.n, body = excluded.body;
  end if;
  if rows ? 'evaluated' then
    insert into evaluated (agent_id, contact_id, n, at)
      select agent_id, contact_id, n, at
      from jsonb_to_recordset(rows->'evaluated') as x(agent_id text, contact_id text, n bigint, at text)
      on conflict (agent_id, contact_id) do update set n = excluded.n, at = excluded.at;
  end if;
  if rows ? 'runs' then
    insert into runs (run_id, n, body, leases)
      select run_id, n, body, leases
      from jsonb_to_recordset(rows->'runs') as x(run_id text, n bigint, body text, leases text)
      on conflict (run_id) do update set
        n = excluded.n, body = coalesce(excluded.body, runs.body), leases = coalesce(excluded.leases, runs.leases);
  end if;
  if rows ? 'run_people' then
    insert into run_people (contact_id, run_id)
      select contact_id, run_id from jsonb_to_recordset(rows->'run_people') as x(contact_id text, run_id text)
      on conflict (contact_id, run_id) do nothing;
  end if;
  if rows ? 'results' then
    insert into results (run_id, contact_id, n, born, place, body)
      select run_id, contact_id, n, born, place, body
      from jsonb_to_recordset(rows->'results')
        as x(run_id text, contact_id text, n bigint, born bigint, place integer, body text)
      on conflict (run_id, contact_id) do update set n = excluded.n, body = excluded.body;
  end if;
  if rows ? 'messages' then
    insert into messages (thread_id, n, body)
      select thread_id, n, body from jsonb_to_recordset(rows->'messages') as x(thread_id text, n bigint, body text)
      on conflict (thread_id) do update set n = excluded.n, body = excluded.body;
  end if;
  if rows ? 'agent_files' then
    insert into agent_files (agent_id, n, versions, usage)
      select agent_id, n, versions, usage
      from jsonb_to_recordset(rows->'agent_files') as x(agent_id text, n bigint, versions text, usage text)
      on conflict (agent_id) do update set n = excluded.n,
        versions = coalesce(excluded.versions, agent_files.versions), usage = coalesce(excluded.usage, agent_files.usage);
  end if;
  if rows ? 'keys' then
    insert into keys (key, n, body)
      select key, n, body from jsonb_to_recordset(rows->'keys') as x(key text, n bigint, body text)
      on conflict (key) do update set n = excluded.n, body = excluded.body;
  end if;
  if rows ? 'nonces' then
    insert into nonces (nonce, n)
      select nonce, n from jsonb_to_recordset(rows->'nonces') as x(nonce text, n bigint)
      on conflict (nonce) do nothing;
  end if;
  if rows ? 'decisions' then
    insert into decisions (seq, n)
      select seq, n from jsonb_to_recordset(rows->'decisions') as x(seq bigint, n bigint) on conflict (seq) do nothing;
  end if;
  if rows ? 'redactions' then
    insert into redactions (seq, n)
      select seq, n from jsonb_to_recordset(rows->'redactions') as x(seq bigint, n bigint) on conflict (seq) do nothing;
  end if;
  if rows ? 'mentions' then
    insert into mentions (name, n)
      select name, n from jsonb_to_recordset(rows->'mentions') as x(name text, n bigint) on conflict (name, n) do nothing;
  end if;
`;

/**
 * Writes rows that were made from commits. What is gone goes first: the same commits may bring it again. \`rows\` has a list of
 * objects for each table, in the tables' own names, and the lists \`gone\`, \`gone_runs\` and \`gone_agents\`.
 */
export const PUT_ROWS = `
create function put_rows(rows jsonb) returns void language plpgsql as $$
declare
  one record;
begin
${TAKE_GONE}${PUT_EACH}end $$;
`;

/** The same, under its name since migration 5. Most commits delete nothing, and to loop over nothing takes as long as to write a row. */
export const PUT_BODIES_OF_FEW = `
create or replace function put_bodies(rows jsonb) returns void language plpgsql as $$
declare
  one record;
begin
if rows ?| array['gone', 'gone_runs', 'gone_agents'] then
${TAKE_GONE}end if;
${PUT_EACH}end $$;
`;

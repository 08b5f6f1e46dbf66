/**
 * What a process that knows commit \`since\` has to learn: where the head stands, the next lines, and who lives. \`ahead\`
 * is added to the database's clock: 0 but in tests.
 */
export const NEWS = `
create function news(since bigint, ahead double precision, most integer,
  out n bigint, out sha text, out epoch bigint, out unsealed bigint, out moved_to text,
  out holders text[], out alive text[], out lines text[])
language plpgsql stable as $$
declare
  source text;
begin
  select h.n, h.sha, h.epoch, h.unsealed, h.moved_to, h.filling into n, sha, epoch, unsealed, moved_to, source from head h;
  if source is not null then
    raise exception using errcode = 'CS002', message = source;
  end if;
  select coalesce(array_agg(holder), '{}'),
    coalesce(array_agg(holder) filter (where renewed > clock_timestamp() + make_interval(secs => ahead - 15)), '{}')
    into holders, alive from leases;
  if n > since then
    lines := array(select c.line from commits c where c.n > since and c.n <= since + most order by c.n);
  end if;
end $$;
`;

/**
 * Adds commits behind commit \`at_n\`, with the rows that are made from them. It gives false, and writes nothing, where that commit isn't the newest any more, or
 * \`at_epoch\` is over: then whoever sent this had given it up. \`added\` has a digest and a line for each commit.
 */
export const APPEND = `
create function append(at_n bigint, at_sha text, at_epoch bigint, added jsonb, still_unsealed bigint, rows jsonb)
returns boolean language plpgsql as $$
declare
  h record;
begin
  select * into h from head for update;
  if h.moved_to is not null then
    raise exception using errcode = 'CS001', message = h.moved_to;
  end if;
  if h.filling is not null then
    raise exception using errcode = 'CS002', message = h.filling;
  end if;
  if h.n <> at_n or h.sha <> at_sha or h.epoch <> at_epoch then
    return false;
  end if;
  insert into commits (n, sha, line)
    select at_n + place, item->>0, item->>1 from jsonb_array_elements(added) with ordinality as x(item, place);
  update head set n = at_n + jsonb_array_length(added), sha = added->-1->>0, unsealed = still_unsealed;
  perform put_rows(rows);
  return true;
end $$;
`;

/**
 * Whether a commit was kept whose answer was lost. Nothing that was sent before and hasn't arrived yet can be kept later.
 */
export const WAS_KEPT = `
create function was_kept(at_n bigint, at_sha text) returns boolean language plpgsql as $$
begin
  update head set epoch = epoch + 1;
  return exists (select from commits where n = at_n and sha = at_sha);
end $$;
`;

/**
 * Puts lines without erased people in the place of lines, and takes the people out of what is kept beside. The digest by which the next
 * line names a line stays. It is the only way by which a line changes.
 */
export const ERASE_LINES = `
create function erase_lines(rewritten jsonb) returns void language plpgsql security definer as $$
declare
  one record;
begin
  perform from head for update;
  for one in
    select (item->>0)::bigint as n, item->>1 as was, item->>2 as line from jsonb_array_elements(rewritten) as x(item)
  loop
    if position('"was":"' || one.was || '"' in right(one.line, 140)) = 0
      or left(one.line, length('{"n":' || one.n || ',')) <> '{"n":' || one.n || ',' then
      raise exception 'this is not what an erasure leaves of commit %', one.n;
    end if;
    update commits c set line = one.line where c.n = one.n and c.sha = one.was;
    if not found then
      raise exception 'commit % is another one', one.n;
    end if;
  end loop;
end $$;
`;

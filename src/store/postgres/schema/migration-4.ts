/**
 * The same as before, with so many lines that they have about 4 MB together, one at least: a process that was away while another
 * one imported would get more than it has room for, and never in time.
 */
const NEWS_IN_PARTS = `
create or replace function news(since bigint, ahead double precision, most integer,
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
    lines := array(select x.line from (
      select c.n, c.line, sum(octet_length(c.line)) over (order by c.n) as size
      from (select * from commits c where c.n > since order by c.n limit most) c
    ) x where x.size <= 4 << 20 or x.n = since + 1 order by x.n);
  end if;
end $$;
`;

/**
 * What an erasure goes by: the commits that deleted contacts, and what lines name these by. \`deletions\` are the numbers of the commits. A line
 * that says something else gives nothing.
 */
const ERASABLE = `
create function erasable(deletions bigint[], out n bigint, out stand_ins text[], out names text[])
returns setof record language sql stable as $$
  select c.n,
    array(select m[1] from regexp_matches(c.line, '"stand_in":"([^"\\\\]+)"', 'g') m),
    array(select distinct m[1] from regexp_matches(c.line, '"(?:contact_id|stand_in)":("(?:[^"\\\\]|\\\\.)*")', 'g') m)
      || array(select distinct t[1] from regexp_matches(c.line, '"thread_ids":\\[((?:"(?:[^"\\\\]|\\\\.)*",?)*)\\]', 'g') m,
        regexp_matches(m[1], '"(?:[^"\\\\]|\\\\.)*"', 'g') t)
  from commits c where c.n = any(deletions) and position('"type":"contact_deleted"' in c.line) > 0;
$$;
`;

/**
 * Whether a line may be put in the place of another one, \`former\`, whose digest is \`was\`: it is the same commit, by the same author and of
 * the same time; it names stand-ins of contacts that were deleted, of one by a later commit; and the former line names that one. \`permits\` has
 * the rows of \`erasable\`.
 */
const IS_ERASED = `
create function is_erased(at_n bigint, was text, former text, line text, permits jsonb)
returns boolean language plpgsql immutable as $$
declare
  start text := substring(former from '^\\{"n":\\d+,"prev":"[A-Za-z0-9_-]*",');
  author text := substring(former from '"writer":"(?:[^"\\\\]|\\\\.)*","at":"(?:[^"\\\\]|\\\\.)*","by":"(?:[^"\\\\]|\\\\.)*",');
  root text := substring(right(former, 140) from '"root":"[A-Za-z0-9_-]{22}","sha":"');
  before text := substring(former from '^\\{"n":\\d+,"prev":"[A-Za-z0-9_-]*","erased":\\[([^]]*)\\],');
  stand_ins text[];
begin
  if start is null or author is null or left(line, length(start) + 10) <> start || '"erased":['
    or position(author in line) = 0 or position('"was":"' || was || '"' in right(line, 140)) = 0
    or position(coalesce(root, '') in right(line, 140)) = 0 then
    return false;
  end if;
  stand_ins := array(select m[1] from regexp_matches(split_part(substr(line, length(start) + 11), ']', 1), '"([^"]*)"', 'g') m);
  return not exists (
      select from unnest(stand_ins) one
      where position('"' || one || '"' in coalesce(before, '')) = 0
        and not exists (select from jsonb_array_elements(permits) d where d->'stand_ins' ? one)
    ) and exists (
      select from jsonb_array_elements(permits) d
      where (d->>'n')::bigint >= at_n and d->'stand_ins' ?| stand_ins and (
        exists (select from jsonb_array_elements_text(d->'names') name where position(name in former) > 0)
        -- What the first edition has rewritten names nobody any more.
        or (position('"was":"' in right(former, 140)) > 0 and before is null)
      )
    );
end $$;
`;

/**
 * Puts lines without erased people in the place of lines. The digest by which the next line names a line stays. \`rewritten\` has for each its
 * number, that digest, the own digest of the line that it was made of, and the new line. It is the only way by which a line changes, and it
 * goes no further than the deletions in the log: \`deletions\` are the numbers of their commits.
 */
const ERASE_LINES_OF_DELETED = `
drop function if exists erase_lines(jsonb);
create function erase_lines(rewritten jsonb, deletions bigint[]) returns void
language plpgsql security definer as $$
declare
  one record;
  former text;
  permits jsonb;
begin
  perform from head for update;
  select coalesce(jsonb_agg(to_jsonb(d)), '[]') into permits from erasable(deletions) d;
  for one in
    select (item->>0)::bigint as n, item->>1 as was, item->>2 as own, item->>3 as line
    from jsonb_array_elements(rewritten) as x(item)
  loop
    select c.line into former from commits c where c.n = one.n and c.sha = one.was;
    if former is null or position(',"sha":"' || one.own || '"}' in right(former, 40)) = 0 then
      raise exception 'commit % is another one', one.n;
    end if;
    if is_erased(one.n, one.was, former, one.line, permits) is not true then
      raise exception 'this is not what an erasure leaves of commit %', one.n;
    end if;
    update commits c set line = one.line where c.n = one.n;
  end loop;
end $$;
`;

export const MIGRATION_4: readonly string[] = [NEWS_IN_PARTS, ERASABLE, IS_ERASED, ERASE_LINES_OF_DELETED];

import { PUT_BODIES_OF_FEW } from './put-rows-1.ts';

/**
 * The same as in migration 2, by a queue. Those who wait for a row are all woken by each commit, and all but one wait again; of those who wait
 * in the queue, one is woken. The lock of the row is what keeps everybody else from committing: not every commit stands in the queue.
 */
const LOCKED_NEWS_BY_QUEUE = `
create or replace function locked_news(since bigint, ahead double precision, most integer,
  out n bigint, out sha text, out epoch bigint, out unsealed bigint, out moved_to text,
  out holders text[], out alive text[], out lines text[])
language plpgsql as $$
begin
  perform pg_advisory_xact_lock('head'::regclass::oid::bigint);
  perform from head for update;
  select * into n, sha, epoch, unsealed, moved_to, holders, alive, lines from news(since, ahead, most);
end $$;
`;

/** The same as in migration 1, with one change of the head in the place of a lock and a change. */
const APPEND_AT_ONCE = `
create or replace function append(at_n bigint, at_sha text, at_epoch bigint, added jsonb, still_unsealed bigint, rows jsonb)
returns boolean language plpgsql as $$
declare
  h record;
begin
  update head set n = at_n + jsonb_array_length(added), sha = added->-1->>0, unsealed = still_unsealed
    where n = at_n and sha = at_sha and epoch = at_epoch and moved_to is null and filling is null;
  if not found then
    select * into h from head;
    if h.moved_to is not null then
      raise exception using errcode = 'CS001', message = h.moved_to;
    end if;
    if h.filling is not null then
      raise exception using errcode = 'CS002', message = h.filling;
    end if;
    return false;
  end if;
  insert into commits (n, sha, line)
    select at_n + place, item->>0, item->>1 from jsonb_array_elements(added) with ordinality as x(item, place);
  perform put_rows(rows);
  return true;
end $$;
`;

export const MIGRATION_6: readonly string[] = [LOCKED_NEWS_BY_QUEUE, APPEND_AT_ONCE, PUT_BODIES_OF_FEW];

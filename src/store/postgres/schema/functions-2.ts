/**
 * The same as \`news\`, once nobody else can commit until the transaction ends: what it tells is the newest then. It is volatile, so that
 * \`news\` sees what was committed while it waited.
 */
export const LOCKED_NEWS = `
create function locked_news(since bigint, ahead double precision, most integer,
  out n bigint, out sha text, out epoch bigint, out unsealed bigint, out moved_to text,
  out holders text[], out alive text[], out lines text[])
language plpgsql as $$
begin
  perform from head for update;
  select * into n, sha, epoch, unsealed, moved_to, holders, alive, lines from news(since, ahead, most);
end $$;
`;

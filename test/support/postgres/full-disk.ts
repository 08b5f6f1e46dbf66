import type pg from 'pg';

const FULL = `create function has_no_room() returns trigger language plpgsql as $$
  begin
    raise exception using errcode = '53100', message = 'could not extend file "base/5/16400": No space left on device';
  end $$;
  create trigger has_no_room before insert on commits for each statement execute function has_no_room()`;

/** Has the home in a connection's search path, as its owner, say of every commit what a server says whose disk is full. */
export async function fillDisk(owner: pg.Client): Promise<void> {
  await owner.query(FULL);
}

/** Lets it have room again. */
export async function makeRoom(owner: pg.Client): Promise<void> {
  await owner.query('drop function has_no_room() cascade');
}

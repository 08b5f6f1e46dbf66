import { asDatabaseOwner } from './database.ts';

const FULL = `create function countersign.has_no_room() returns trigger language plpgsql as $$
  begin
    raise exception using errcode = '53100', message = 'could not extend file "base/5/16400": No space left on device';
  end $$;
  create trigger has_no_room before insert on countersign.commits for each statement execute function countersign.has_no_room()`;

/** Has a home's database say of every commit what a server says whose disk is full. */
export async function fillDisk(home: string): Promise<void> {
  await asDatabaseOwner(home, (client) => client.query(FULL));
}

/** Lets it have room again. */
export async function makeRoom(home: string): Promise<void> {
  await asDatabaseOwner(home, (client) => client.query('drop function countersign.has_no_room() cascade'));
}

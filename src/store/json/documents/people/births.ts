import { addressKey } from '../../../../domain/contacts/address.ts';
import { namesOfDeleted } from '../../../../domain/state/erasure.ts';
import type { Event } from '../../../../domain/state/events.ts';
import { shardOf } from '../../../documents/shards.ts';
import type { Stored } from '../../../documents/stored.ts';

/**
 * When a contact came, and the shards that name it: those of its addresses, also of the ones that it had before, and those
 * of the other ids that imports used for it. `part`: in which part of commit `n`.
 */
export type Birth = { n: number; part: number; shards: readonly string[] };

/**
 * A birth with one shard at most as one number, which takes a fifth of the memory: the commit, the part, and the shard
 * counted from 1. More shards follow it in a list.
 */
export type KeptBirth = number | readonly [number, ...string[]];
const PARTS = 1 << 10;
const SHARDS = 1 << 7;

/** The contacts of one shard by id, and by another id that an import used, the contact's own. */
export type Births = { born: Map<string, KeptBirth>; aliases: Map<string, string> };
type BirthsData = { born: [string, KeptBirth][]; aliases: [string, string][] };

function kept({ n, part, shards: [first, ...others] }: Birth): KeptBirth {
  const code = (n * PARTS + part) * SHARDS + (first === undefined ? 0 : Number(first) + 1);
  return others.length === 0 ? code : [code, ...others];
}

/** A birth as it was before it was kept. */
export function readBirth(birth: KeptBirth): Birth {
  const [code, ...others] = typeof birth === 'number' ? [birth] : birth;
  const first = code % SHARDS;
  const place = (code - first) / SHARDS;
  const shards = first === 0 ? [] : [String(first - 1).padStart(2, '0'), ...others];
  return { n: Math.floor(place / PARTS), part: place % PARTS, shards };
}

/** The commit with which a contact came. It is asked for very often, so nothing is made for it. */
export function bornWith(birth: KeptBirth): number {
  return Math.floor((typeof birth === 'number' ? birth : birth[0]) / (PARTS * SHARDS));
}

/** In which part of that commit. */
export function bornInPart(birth: KeptBirth): number {
  return Math.floor((typeof birth === 'number' ? birth : birth[0]) / SHARDS) % PARTS;
}

function named(birth: Birth, shard: string): Birth {
  return birth.shards.includes(shard) ? birth : { ...birth, shards: [...birth.shards, shard] };
}

function foldSaved({ born, aliases }: Births, event: Event & { type: 'contacts_saved' }, n: number, own: string): void {
  const newborn = kept({ n, part: event.part ?? 0, shards: [] });
  for (const { id, email } of event.contacts) {
    const before = born.get(id);
    if (before === undefined) born.set(id, newborn);
    if (!email) continue;
    const birth = readBirth(before ?? newborn);
    const after = named(birth, shardOf(addressKey(email)));
    if (after !== birth) born.set(id, kept(after));
  }
  for (const [alias, contactId] of event.aliases ?? []) {
    const shard = shardOf(alias);
    if (shard === own) aliases.set(alias, contactId);
    const birth = born.get(contactId);
    if (birth !== undefined) born.set(contactId, kept(named(readBirth(birth), shard)));
  }
}

/** Documents by the shard of ids: `ids/<shard>`. */
export const births: Stored<Births, BirthsData, Event> = {
  empty: () => ({ born: new Map(), aliases: new Map() }),
  fold(state, event, id, n) {
    if (event.type === 'contacts_saved') foldSaved(state, event, n, id);
    if (event.type !== 'contact_deleted') return;
    for (const name of namesOfDeleted(event)) state.born.delete(name);
    for (const [alias, contactId] of state.aliases) if (contactId === event.contact_id) state.aliases.delete(alias);
  },
  dump: ({ born, aliases }) => ({ born: [...born], aliases: [...aliases] }),
  load: ({ born, aliases }) => ({ born: new Map(born), aliases: new Map(aliases) }),
};

import type { Event } from '../../../../domain/state/events.ts';
import { shardOf, strayOf } from '../../../documents/shards.ts';
import { type Birth, type Births, bornInPart, bornWith, type KeptBirth, readBirth } from './births.ts';

/** What a place is found by: the births by shard, and the segment of the log in which a commit stands. */
export type Ground = { births: (shard: string) => Births; segmentOf: (n: number) => string };

type Deletion = Event & { type: 'contact_deleted' };

/**
 * Where things about contacts are kept: with all contacts that came in the same segment of the log. So a document has as
 * many contacts as a segment has room for, however many there are; what is read together, a page or the targets of a run,
 * lies together; and an erasure moves nothing, because a segment begins with the same commit for ever.
 */
export class Places {
  private readonly ground: Ground;
  /** The contact that was asked for last, and where it is kept: most are asked for many times in a row. */
  private lastId: string | undefined;
  private lastPlace: string | undefined;

  constructor(ground: Ground) {
    this.ground = ground;
  }

  /**
   * The documents for the contacts that came with a commit: those of its segment. A large commit is written in parts: each
   * further part has documents of its own.
   */
  ofBirth({ n, part }: Pick<Birth, 'n' | 'part'>): string {
    return part === 0 ? this.ground.segmentOf(n) : `${n}.${part}`;
  }

  private ofKept(birth: KeptBirth): string {
    const part = bornInPart(birth);
    return part === 0 ? this.ground.segmentOf(bornWith(birth)) : `${bornWith(birth)}.${part}`;
  }

  private keptOf(contactId: string): KeptBirth | undefined {
    return this.ground.births(shardOf(contactId)).born.get(contactId);
  }

  birthOf(contactId: string): Birth | undefined {
    const birth = this.keptOf(contactId);
    return birth === undefined ? undefined : readBirth(birth);
  }

  /** The commit with which a contact came; undefined where there is no such contact. */
  cameWith(contactId: string): number | undefined {
    const birth = this.keptOf(contactId);
    return birth === undefined ? undefined : bornWith(birth);
  }

  /** The contact's own id, where `id` is another one. */
  aliasOf(id: string): string | undefined {
    return this.ground.births(shardOf(id)).aliases.get(id);
  }

  /** The documents that have a contact; undefined where there is no such contact. */
  placeOf(contactId: string): string | undefined {
    if (contactId === this.lastId) return this.lastPlace;
    const birth = this.keptOf(contactId);
    this.lastPlace = birth === undefined ? undefined : this.ofKept(birth);
    this.lastId = contactId;
    return this.lastPlace;
  }

  /** A contact comes or goes: what was found of any doesn't hold any more. */
  forget(): void {
    this.lastId = undefined;
  }

  /** Where a contact is kept that a part of commit `n` saves. */
  ofSaved(contactId: string, n: number, part: number): string {
    const birth = this.keptOf(contactId);
    return birth !== undefined && bornWith(birth) <= n ? this.ofKept(birth) : this.ofBirth({ n, part });
  }

  /** Where is kept what commit `n` says of a contact's doings: a stray's, where no such contact had come by then. */
  of(contactId: string, n: number): string {
    const birth = this.keptOf(contactId);
    return birth !== undefined && bornWith(birth) <= n ? this.ofKept(birth) : strayOf(contactId);
  }

  /** Where a contact came that goes now; undefined where nobody knows it. */
  birthOfDeleted({ contact_id, born, part = 0, shards }: Deletion): Birth | undefined {
    if (!shards) return this.birthOf(contact_id);
    return born === undefined ? undefined : { n: born, part, shards };
  }

  /** The documents about a contact that goes, apart from those of runs and conversations. */
  ofDeleted(event: Deletion): string[] {
    const birth = this.birthOfDeleted(event);
    const shards = birth?.shards ?? [];
    const kept = [strayOf(event.contact_id), ...(birth ? [this.ofBirth(birth)] : [])];
    return [
      ...new Set([shardOf(event.contact_id), ...shards].map((shard) => `ids/${shard}`)),
      ...new Set(shards.map((shard) => `addresses/${shard}`)),
      ...kept.flatMap((place) => [`contacts/${place}`, `activity/${place}`, `ledger/${place}`]),
    ];
  }

  /** A deletion as it is written down: with where the contact is kept, because nobody can ask once it has gone. */
  told(event: Event): Event {
    if (event.type !== 'contact_deleted') return event;
    const birth = this.birthOf(event.contact_id);
    if (!birth) return { ...event, shards: [] };
    const { n, part, shards } = birth;
    return { ...event, born: n, ...(part === 0 ? {} : { part }), shards: [...shards] };
  }
}

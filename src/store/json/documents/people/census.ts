import type { Event } from '../../../../domain/state/events.ts';
import { SHARD_NAMES, shardOf } from '../../../documents/shards.ts';
import { Collection, type Surroundings } from '../../snapshots/collection.ts';
import type { LogSource, Slot } from '../../snapshots/slot.ts';
import { type Births, readBirth } from './births.ts';
import { type CountChange, type Headcount, headcount } from './headcount.ts';
import type { Places } from './places.ts';

type CensusGround = Omit<Surroundings<CountChange>, 'source'> & {
  source: () => Omit<LogSource<CountChange>, 'replay'>;
};
type BirthShards = {
  get: (shard: string) => Births;
  slot: (shard: string) => Pick<Slot<Births, object, Event>, 'covers'> | undefined;
};

/** Counts the contacts. The counts follow from the births: where their snapshot is out of date, all births are counted. */
export class Census {
  readonly counts: Collection<Headcount, [string, number][], CountChange>;
  private readonly places: Places;
  private readonly births: BirthShards;

  constructor(places: Places, births: BirthShards, around: CensusGround) {
    this.places = places;
    this.births = births;
    this.counts = new Collection('contacts', headcount, { ...around, source: () => this.source(around.source()) });
  }

  /**
   * What an event of commit `n` changes of the counts, asked before the event is taken in. `fresh` has the contacts that
   * came with earlier events of the commit. 'unknown': a process of an earlier version deleted a contact, and nobody knows
   * any more where it came, so that all have to be counted again.
   */
  countedIn(event: Event, n: number, fresh: Set<string>): CountChange | 'unknown' | undefined {
    if (event.type === 'contacts_saved') {
      const before = fresh.size;
      for (const { id } of event.contacts) if ((this.places.cameWith(id) ?? n) === n) fresh.add(id);
      return { of: 'commit', counts: [[this.places.ofBirth({ n, part: event.part ?? 0 }), fresh.size - before]] };
    }
    if (event.type !== 'contact_deleted') return undefined;
    // What its deletion tells of a contact counts only where the births were read with commit `n` in them: a rewritten log
    // doesn't tell that it came, so where all is read anew, it was never counted.
    const isGone = this.births.slot(shardOf(event.contact_id))?.covers(n) === true;
    const known = this.places.birthOf(event.contact_id) ?? (isGone ? this.places.birthOfDeleted(event) : undefined);
    if (!known && isGone && !event.shards) return 'unknown';
    const birth = known ?? (fresh.has(event.contact_id) ? { n, part: 0 } : undefined);
    return { of: 'commit', counts: birth ? [[this.places.ofBirth(birth), -1]] : [] };
  }

  private source(place: Omit<LogSource<CountChange>, 'replay'>): LogSource<CountChange> {
    return {
      ...place,
      replay: (_from, onEvent) => {
        onEvent({ of: 'all', counts: [...this.counted()] }, place.n);
        return 0;
      },
    };
  }

  private counted(): Map<string, number> {
    const found = new Map<string, number>();
    for (const shard of SHARD_NAMES) {
      for (const birth of this.births.get(shard).born.values()) {
        const place = this.places.ofBirth(readBirth(birth));
        found.set(place, (found.get(place) ?? 0) + 1);
      }
    }
    return found;
  }
}

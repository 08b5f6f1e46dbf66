import { addressKey } from '../../domain/contacts/address.ts';
import type { RawRow, RowSource } from '../../domain/import/raw-row.ts';
import { whomOfEvent } from '../../domain/import/read-event.ts';
import type { Whom } from '../../store/store.ts';
import { Slices, withTurns } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { RowOrder } from './row-order.ts';

/** Ids and addresses that nobody has are told apart by so many hashes. Two that share one are only read together. */
const HASHES = 1 << 20;
/** The groups of addresses that nobody has come first, then those of such ids, then the places of contacts. */
const IDS = HASHES;
const PLACES = 2 * HASHES;
/** So many rows are read again at once where a line holds several: the line is then read again less often. */
const SHARED_AT_ONCE = 150_000;

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return ((hash >>> 20) ^ hash) & (HASHES - 1);
}

/** Whom an event is about. An id that is an address finds the contact of that address. */
function whomOf(row: RawRow): Whom {
  const { id, email } = whomOfEvent(row);
  return { id, address: id?.includes('@') ? id : email };
}

/** Puts events of one contact into one group, and those of contacts that the store keeps together. */
class Groups {
  readonly #house: Pick<House, 'store'>;
  readonly #places = new Map<string, number>();
  /** By the hash of an id that nobody has, the group of the first address that came with it, counted from 1. */
  readonly #linked = new Uint32Array(HASHES);

  constructor(house: Pick<House, 'store'>) {
    this.#house = house;
  }

  /** The groups of some events. */
  async of(rows: readonly RawRow[]): Promise<number[]> {
    const whom = rows.map(whomOf);
    const { store } = this.#house;
    const byId = await store.places(
      'id',
      whom.map(({ id }) => id),
    );
    const byAddress = await store.places(
      'address',
      whom.map(({ address }, index) => (byId[index] === undefined ? address : undefined)),
    );
    return whom.map((one, index) => this.#groupOf(one, byId[index], byAddress[index]));
  }

  #groupOf({ id, address }: Whom, byId: string | undefined, byAddress: string | undefined): number {
    if (byId !== undefined) return this.#numberOf(byId);
    const ofAddress = byAddress === undefined ? hashOf(addressKey(address ?? '')) : this.#numberOf(byAddress);
    if (id === undefined || id.includes('@')) return ofAddress;
    const hash = hashOf(id);
    // Its events may make it the contact of that address, so they stay together with those that name the address alone.
    if (address !== undefined && !this.#linked[hash]) this.#linked[hash] = ofAddress + 1;
    return IDS + hash;
  }

  #numberOf(place: string): number {
    const known = this.#places.get(place) ?? PLACES + this.#places.size;
    this.#places.set(place, known);
    return known;
  }

  /** The group that counts, once all events have one. */
  final(group: number): number {
    const linked = group >= IDS && group < PLACES ? (this.#linked[group - IDS] ?? 0) : 0;
    return linked > 0 ? linked - 1 : group;
  }

  get count(): number {
    return PLACES + this.#places.size;
  }
}

/**
 * All events of an import, at least so many at a time but for the last ones: those together whose contacts the store keeps
 * together. So each of its documents is needed once, however many there are. Other calls get their turn meanwhile.
 */
export async function* eventsByPlace(
  house: Pick<House, 'store'>,
  source: RowSource,
  { events, least }: { events: number; least: number },
): AsyncGenerator<RawRow[]> {
  const groups = new Groups(house);
  const rows = new RowOrder(events);
  for await (const batch of withTurns(source.batches())) {
    const some = batch.filter(({ kind }) => kind === 'event');
    for (const [index, group] of (await groups.of(some)).entries()) {
      const row = some[index];
      if (row) rows.add(row, group);
    }
  }
  const order = rows.sorted((group) => groups.final(group), groups.count);
  const most = rows.sharesLines ? SHARED_AT_ONCE : least;
  const slices = new Slices();
  for (let from = 0; from < order.length; from += most) {
    const some = order.subarray(from, from + most);
    const reading = rows.read(source, some);
    let step = reading.next();
    for (; !step.done; step = reading.next()) if (slices.isDue) await slices.next();
    const read = step.value;
    yield [...some].flatMap((index) => read.get(index) ?? []);
  }
}

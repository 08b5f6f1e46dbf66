import type { Collection } from '../snapshots/collection.ts';
import type { Mark, MarkRow } from '../snapshots/slot.ts';
import { isCountless, isOfPeople } from './documents.ts';
import type { Membership } from './members.ts';
import type { Part } from './parts.ts';
import { isErasing } from './parts.ts';
import { familyOf, membershipOf } from './replays.ts';
import type { Touched } from './touched.ts';

type Members = Collection<Map<string, Mark>, MarkRow[], Membership>;

/** Which commits touched which documents. */
export class Marks {
  readonly touched: Touched;
  private readonly members: Members;
  private readonly families: () => Iterable<string>;

  constructor(touched: Touched, members: Members, families: () => Iterable<string>) {
    this.touched = touched;
    this.members = members;
    this.families = families;
  }

  at(key: string): Mark | undefined {
    const family = familyOf(key);
    if (!isCountless(family) || family === 'members/') return this.touched.at(key);
    return this.members.get(family.slice(0, -1)).get(key.slice(family.length));
  }

  /** Marks the document of a part. Returns the list of members that changes with it, if one does. */
  take({ key, event }: Part, n: number, isOurs: boolean): string | undefined {
    const family = familyOf(key);
    this.touched.n = n;
    if (!isCountless(family)) {
      this.touched.take(n, key, isErasing(event));
      return undefined;
    }
    const list = `members/${family.slice(0, -1)}`;
    this.touched.take(n, list, false);
    const isNew = isOurs && this.touched.at(list)?.first === n;
    this.members.take(family.slice(0, -1), membershipOf(key, n, event), n, isNew);
    return list;
  }

  /** Whether a document begins with commit `n`. */
  isNew(key: string, n: number): boolean {
    const family = familyOf(key);
    const isKnown = !isCountless(family) || this.members.isLoaded(family.slice(0, -1));
    return isKnown && this.at(key)?.first === n;
  }

  /** The documents about contacts: those of the segments, and the shards by which contacts are found. */
  ofPeople(): string[] {
    return [...this.touched.entries()].map(([key]) => key).filter((key) => isOfPeople(familyOf(key)));
  }

  /** Every document of the home, with the commits that touched it. */
  *all(): Generator<[key: string, mark: Mark]> {
    yield* [...this.touched.entries()];
    for (const family of this.families()) {
      if (!isCountless(family)) continue;
      for (const [id, mark] of [...this.members.get(family.slice(0, -1))]) yield [family + id, mark];
    }
  }
}

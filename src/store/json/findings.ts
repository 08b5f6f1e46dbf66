import type { People } from './documents/people/people.ts';

/** The most filters that are known, and the most characters of the ids that each has found. */
const MOST_FILTERS = 4;
const MOST_CHARACTERS = 8 << 20;

/** The ids that a filter found in one stretch, as JSON, which takes a tenth of their memory. `at`: the commit that changed it last. */
type KeptIds = { at: number | undefined; ids: string };

/** What one filter has found, stretch by stretch. It holds for as long as no contact of a stretch changes. */
export class Finds {
  private readonly byStretch = new Map<string, KeptIds>();
  private characters = 0;

  /** The ids that the filter finds in a stretch which commit `at` changed last; undefined where that isn't known. */
  ids(stretch: string, at: number | undefined): string[] | undefined {
    const known = this.byStretch.get(stretch);
    return known !== undefined && known.at === at ? JSON.parse(known.ids) : undefined;
  }

  keep(stretch: string, at: number | undefined, found: readonly string[]): void {
    const ids = JSON.stringify(found);
    const characters = this.characters + ids.length - (this.byStretch.get(stretch)?.ids.length ?? 0);
    if (characters > MOST_CHARACTERS) return;
    this.characters = characters;
    this.byStretch.set(stretch, { at, ids });
  }
}

/**
 * Which contacts filters have found. A run searches for its contacts when it is made and again when it starts, and a schedule
 * at each tick: what hasn't changed since isn't read again.
 */
export class Findings {
  private readonly byPeople = new WeakMap<People, Map<string, Finds>>();

  /** What a filter has found among the contacts of an open home. A home that is opened again begins anew. */
  of(people: People, filter: string): Finds {
    const known = this.byPeople.get(people) ?? new Map<string, Finds>();
    this.byPeople.set(people, known);
    const finds = known.get(filter) ?? new Finds();
    known.delete(filter);
    known.set(filter, finds);
    for (const oldest of [...known.keys()].slice(0, -MOST_FILTERS)) known.delete(oldest);
    return finds;
  }
}

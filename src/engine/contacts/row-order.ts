import type { RawRow, RowSource, Spot } from '../../domain/import/raw-row.ts';

/**
 * Where the events of a large import stand, and the group that each of them belongs to: some bytes a row, while a million
 * rows themselves would take a gigabyte. The rows are then read again, group by group.
 */
export class RowOrder {
  readonly #at: Uint32Array;
  readonly #row: Uint32Array;
  readonly #group: Uint32Array;
  #count = 0;
  #lines = 0;

  /** `most`: how many rows are going to be added. */
  constructor(most: number) {
    this.#at = new Uint32Array(most);
    this.#row = new Uint32Array(most);
    this.#group = new Uint32Array(most);
  }

  /** Adds the next row of the import. A group is a number from 0 on. */
  add({ row, at }: Spot, group: number): void {
    if (this.#count === 0 || this.#at[this.#count - 1] !== at) this.#lines += 1;
    this.#at[this.#count] = at;
    this.#row[this.#count] = row;
    this.#group[this.#count] = group;
    this.#count += 1;
  }

  /** Whether some line holds several of the rows: all of it is read again for each time that one of them is. */
  get sharesLines(): boolean {
    return this.#lines < this.#count;
  }

  /**
   * The rows by their numbers in the order of adding, one group after the other, those of one group in that order. `groupOf`
   * gives each added group the one that counts, which is below `groups`.
   */
  sorted(groupOf: (group: number) => number, groups: number): Uint32Array {
    const ends = new Uint32Array(groups);
    for (let index = 0; index < this.#count; index++) {
      const group = groupOf(this.#group[index] ?? 0);
      this.#group[index] = group;
      ends[group] = (ends[group] ?? 0) + 1;
    }
    for (let group = 1; group < groups; group++) ends[group] = (ends[group] ?? 0) + (ends[group - 1] ?? 0);
    const order = new Uint32Array(this.#count);
    for (let index = this.#count - 1; index >= 0; index--) {
      const group = this.#group[index] ?? 0;
      const place = (ends[group] ?? 0) - 1;
      ends[group] = place;
      order[place] = index;
    }
    return order;
  }

  /** Reads some of the rows again, a line with each step. They come in the order of the import. */
  *read(source: RowSource, some: Uint32Array): Generator<undefined, Map<number, RawRow>> {
    const found = new Map<number, RawRow>();
    let [line, first]: [readonly RawRow[], number] = [[], -1];
    for (const index of some.toSorted()) {
      if (first < 0 || this.#at[index] !== this.#at[first]) {
        first = this.#firstOfLine(index);
        line = source.again?.(this.#spot(index)).filter(({ kind }) => kind === 'event') ?? [];
        yield;
      }
      const row = line[index - first];
      if (row) found.set(index, row);
    }
    return found;
  }

  #spot(index: number): Spot {
    return { row: this.#row[index] ?? 0, at: this.#at[index] ?? 0 };
  }

  /** The rows of a line were added one after the other. */
  #firstOfLine(index: number): number {
    let first = index;
    while (first > 0 && this.#at[first - 1] === this.#at[index]) first -= 1;
    return first;
  }
}

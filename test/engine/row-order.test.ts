import { describe, expect, it } from 'vitest';
import type { RawRow, RowSource } from '../../src/domain/import/raw-row.ts';
import { RowOrder } from '../../src/engine/contacts/row-order.ts';
import { endInTurns } from '../../src/store/turns.ts';

/** Three lines of three rows each; the first of each line is a contact. */
const rowsOf = (line: number): RawRow[] =>
  (['contact', 'event', 'event'] as const).map((kind, index) => ({
    ...{ row: line + 1, at: line * 100, kind, text: false },
    cells: { name: `${line}.${index}` },
  }));

describe('rows that are read again in another order', () => {
  const reads: number[] = [];
  const source: RowSource = {
    *batches() {
      for (const line of [0, 1, 2]) yield rowsOf(line);
    },
    again({ at }) {
      reads.push(at);
      return rowsOf(at / 100);
    },
    end: 300,
  };
  const order = new RowOrder(6);
  for (const [index, row] of [...source.batches()]
    .flat()
    .filter(({ kind }) => kind === 'event')
    .entries())
    order.add(row, index % 2);

  it('come group by group, those of one group as they stand', () => {
    expect([...order.sorted((group) => group, 2)]).toEqual([0, 2, 4, 1, 3, 5]);
    expect(order.sharesLines).toBe(true);
  });

  it('are the rows that were added, also where a line holds others, and each line is read once', async () => {
    const found = await endInTurns(order.read(source, Uint32Array.of(5, 1, 4)));
    expect([1, 4, 5].map((index) => found.get(index)?.cells.name)).toEqual(['0.2', '2.1', '2.2']);
    expect([found.size, reads]).toEqual([3, [0, 200]]);
  });
});

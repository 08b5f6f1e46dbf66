import { fieldOf, type MappingArgument } from '../../domain/import/columns.ts';
import { idText, type RawRow } from '../../domain/import/raw-row.ts';
import { whomOfEvent } from '../../domain/import/read-event.ts';
import { readEmail } from '../../domain/import/values.ts';
import type { Whom } from '../../store/store.ts';
import type { House } from '../base/house.ts';

/** The columns that tell whom a row is about. */
type KeyColumns = { id: readonly string[]; email: readonly string[] };

export function keyColumns(columns: readonly string[], mapping: MappingArgument | undefined): KeyColumns {
  const of = (field: 'id' | 'email') => columns.filter((name) => fieldOf(name) === field || mapping?.[field] === name);
  return { id: of('id'), email: of('email') };
}

/** An event concerns an address only where nobody has its id; of a contact both are looked up. */
function whomOf(row: RawRow, columns: KeyColumns): Whom[] {
  if (row.kind === 'event') {
    const { id, email } = whomOfEvent(row);
    return [{ id, address: email }];
  }
  const cellOf = (names: readonly string[]) => names.map((name) => row.cells[name]).find((cell) => cell);
  const [id, email] = [idText(cellOf(columns.id)), readEmail(cellOf(columns.email) ?? '', 'email')];
  return [
    { id: id === '' ? undefined : id, address: undefined },
    { id: undefined, address: typeof email === 'string' ? email : undefined },
  ];
}

/**
 * Has the store load what a part of an import needs, with a turn for other calls: a commit that loads all of it in one go
 * would hold them up for long.
 */
export async function loadAhead(house: House, rows: readonly RawRow[], columns: KeyColumns): Promise<void> {
  for (const kind of ['contact', 'event'] as const) {
    const whom = rows.flatMap((row) => (row.kind === kind ? whomOf(row, columns) : []));
    await house.store.prepare(whom, kind === 'event');
  }
}

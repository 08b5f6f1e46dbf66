import type { Person } from '../../domain/base/author.ts';
import type { House } from '../../engine/base/house.ts';
import type { Dossier } from '../../engine/review/dossier.ts';
import { type TableRow, table } from './layout.ts';
import type { Terminal } from './terminal.ts';

/** One sitting of a person who decides on what waits. */
export type Session = {
  house: House;
  by: Person;
  terminal: Terminal;
  /** Edits that weren't decided on yet, by action. */
  drafts: Map<string, Record<string, unknown>>;
  skipped: Set<string>;
  counts: { approved: number; rejected: number; settled: number; returned: number; allowed: number; declined: number };
};

/**
 * What a person may choose to do with the action that is shown. True once nothing more is to be done with it as shown.
 */
export type Choice = (session: Session, dossier: Dossier) => Promise<boolean>;

/** The longest text that a person is asked for on one line. */
export const LONGEST_TYPED = 2000;

export function tellRow({ terminal }: Session, row: TableRow): void {
  terminal.say(table([row], terminal.width(), terminal.paint));
}

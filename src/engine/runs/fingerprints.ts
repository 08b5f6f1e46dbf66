import { digest } from '../../domain/base/digest.ts';
import { ALL, type Page } from '../../domain/state/queries.ts';
import { refKey } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { pageOf } from '../base/paging.ts';
import { comparerOf } from '../gate/comparer.ts';
import { locate } from '../review/locate.ts';
import { findWaiting } from '../review/pending.ts';
import { shownRow } from '../review/row.ts';
import { runReading } from './read.ts';

/** A digest that changes when the run's status, its counts or its results on the page change. */
export function runFingerprint(
  house: House,
  runId: string,
  contactId: string | undefined,
  page: Page,
): Promise<string> {
  return house.read((view) => digest(runReading(view, runId, contactId, page)));
}

/** A digest that changes when other actions wait for a person, or one on the page would do something else. */
export function pendingFingerprint(house: House, page: Page): Promise<string> {
  return house.read((view) => {
    const open = findWaiting(view, {}, ALL).rows;
    const comparer = comparerOf(view);
    const { rows } = pageOf(open, page, (item) => shownRow(view, locate(view, item, comparer), 'full'));
    return digest([rows, open.map((item) => `${item.status} ${refKey(item)}`), view.changes().map(({ id }) => id)]);
  });
}

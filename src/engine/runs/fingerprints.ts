import { digest } from '../../domain/base/digest.ts';
import { refKey } from '../../domain/state/state.ts';
import type { House } from '../base/house.ts';
import { type Page, pageOf } from '../base/paging.ts';
import { openActions, shownPending } from '../review/pending.ts';
import { runReading } from './read.ts';

/** Differs once a run's status, counts or results on the page differ. */
export function runFingerprint(
  house: House,
  runId: string,
  contactId: string | undefined,
  page: Page,
): Promise<string> {
  return house.store.read((view) => digest(runReading(view, runId, contactId, page)));
}

/** Differs once something else waits for a person, or what waits on the page would do something else. */
export function pendingFingerprint(house: House, page: Page): Promise<string> {
  return house.store.read((view) => {
    const open = openActions(view, {});
    const { rows } = pageOf(open, page, (item) => shownPending(view, item, 'full'));
    return digest([rows, open.map((item) => `${item.status} ${refKey(item)}`)]);
  });
}

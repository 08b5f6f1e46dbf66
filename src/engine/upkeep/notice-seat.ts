import { createHash } from 'node:crypto';
import { type Notices, noticesSchema } from '../../domain/notices/news.ts';
import type { Store } from '../../store/store.ts';

const SEAT = `notices_${createHash('sha256').update('notices').digest('hex').slice(0, 32)}`;

/** How the notices of the home stand, as its processes keep it; undefined where none has kept anything for a day. */
export async function recallNotices(store: Pick<Store, 'recall'>): Promise<Notices | undefined> {
  const text = await store.recall(SEAT);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return noticesSchema.parse(value);
  } catch {
    // It is no record of anything: where it can't be read, the next notice begins anew.
    return undefined;
  }
}

export function keepNotices(store: Pick<Store, 'keep'>, notices: Notices, now: Date): Promise<void> {
  return store.keep(SEAT, JSON.stringify({ ...notices, kept_at: now.toISOString() }));
}

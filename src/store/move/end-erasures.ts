import { PRODUCT } from '../../domain/base/author.ts';
import type { Store } from '../store.ts';

/**
 * Ends the erasures that are under way: of the files that were written for the people, which `remove` takes away by the id of a contact
 * or a thread, then of what earlier lines say of them.
 */
export async function endErasures(
  store: Pick<Store, 'read' | 'forget'>,
  remove: (id: string) => Promise<void> | undefined,
): Promise<void> {
  const gone = await store.read((view) => [...view.erasures().pending.values()]);
  for (const { contact_id, thread_ids } of gone) for (const id of [contact_id, ...thread_ids]) await remove(id);
  await store.forget(PRODUCT);
}

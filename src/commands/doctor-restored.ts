import { PRODUCT } from '../domain/base/author.ts';
import { howMany } from '../domain/text/how-many.ts';
import { afterRestoring, countRestored, RESTORED } from '../engine/review/restored.ts';
import { dataPlace } from '../process/database.ts';
import type { Settings } from '../process/environment.ts';
import { closeHouse } from '../process/house.ts';
import type { StepBack, Store } from '../store/store.ts';
import { quietHouse } from './at-terminal.ts';

function rowsInWords({ waiting, unknown }: ReturnType<typeof countRestored>): string {
  const say = waiting + unknown === 1 ? 'says' : 'say';
  const open = unknown === 0 ? '' : `, ${unknown} of them with an unknown outcome`;
  return `${howMany(waiting + unknown, 'open action')} ${say} "${RESTORED}"${open}`;
}

/** Says by hand that the state was restored from a backup. Gives what is so then, in words. Throws AppError. */
export async function sayRestored(settings: Settings): Promise<string> {
  const house = await quietHouse(settings);
  try {
    // Where the home's folder remembers it, a look is enough.
    await house.read(() => undefined);
    await house.commit(PRODUCT, (view, moment) => afterRestoring(view, moment));
    const rows = rowsInWords(await house.read(countRestored));
    return `The brake is on in ${dataPlace(settings)}, and no agent acts unasked. ${rows}. A person decides on each; then countersign resume takes the brake off.`;
  } finally {
    await closeHouse(house);
  }
}

/** What the doctor has to say of a restored state: that it is one, or which rows are left of it. */
export async function restoredWarnings(store: Store, back: StepBack | undefined): Promise<string[]> {
  if (back)
    return [
      `the database was restored from an older state: it lacks commit ${Math.max(...back.lost.map(({ n }) => n))}, which was seen from here. Whatever starts next puts the brake on, and hands everything that is open to a person; countersign doctor --restored does so now`,
    ];
  const counts = await store.read(countRestored);
  return counts.waiting + counts.unknown === 0 ? [] : [`${rowsInWords(counts)}: decide on each in countersign review`];
}

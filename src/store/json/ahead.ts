import type { NamedBy, Whom } from '../store.ts';
import { Slices } from '../turns.ts';
import type { People } from './documents/people/people.ts';
import type { LookAtPeople } from './search.ts';

/** Looks at one item after the other, and lets other calls in between. A look that is run again goes on where it was. */
async function inSlices<T>(
  look: LookAtPeople,
  items: readonly T[],
  each: (people: People, item: T, index: number) => void,
): Promise<void> {
  const slices = new Slices();
  const rest = items.entries();
  let next = rest.next();
  while (!next.done) {
    await look((people) => {
      do {
        if (next.done) return;
        each(people, next.value[1], next.value[0]);
        next = rest.next();
      } while (!slices.isDue);
    });
    if (slices.isDue) await slices.next();
  }
}

/** Where the contacts with these names are kept (`Store.places`). */
export async function placesFor(
  look: LookAtPeople,
  by: NamedBy,
  names: readonly (string | undefined)[],
): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  await inSlices(look, names, (people, name, index) => {
    if (name === undefined) found[index] = undefined;
    else found[index] = by === 'id' ? people.placeOf(name) : people.placeAt(name);
  });
  return found;
}

/** Loads what a look at these contacts needs (`Store.prepare`). */
export async function prepareFor(look: LookAtPeople, whom: readonly Whom[], withActivity: boolean): Promise<void> {
  await inSlices(look, whom, (people, { id, address }) => {
    const known = id === undefined ? undefined : (people.contact(id) ?? people.contact(people.aliasOf(id) ?? ''));
    const found = known ? [known] : address === undefined ? [] : people.everAt(address);
    if (withActivity) for (const one of found) people.activity(one.id);
  });
}

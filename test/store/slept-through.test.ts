import { expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { House } from '../../src/engine/base/house.ts';
import { deleteContact } from '../../src/engine/contacts/delete-contact.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore, contactsIn } from '../support/store.ts';

/** A house whose log seals a segment after every commit. */
function openHouse(home: string): House {
  const deps = { ...testDeps(home), newId: createIds(() => new Date()) };
  return createHouse(aStore(home, deps, { segmentBytes: 1 }), deps);
}

const people = ({ read }: House) => read((view) => contactsIn(view).map(({ id }) => id));

it('a process that slept at the end of a segment forgets a person that another one erased, and never writes them back', async () => {
  const home = aHome();
  const [sleeper, other] = [openHouse(home), openHouse(home)];
  await importContacts(sleeper, 'somebody', { contacts: [{ id: 'a', email: 'a@example.com' }, { id: 'b' }] });
  expect(await people(sleeper)).toEqual(['a', 'b']);
  await deleteContact(other, 'somebody', 'a');
  expect(await people(sleeper)).toEqual(['b']);
  await importContacts(sleeper, 'somebody', { contacts: [{ id: 'c' }] });
  await sleeper.store.close();
  await other.store.close();
  const fresh = openHouse(home);
  expect(await people(fresh)).toEqual(['b', 'c']);
  await fresh.store.close();
});

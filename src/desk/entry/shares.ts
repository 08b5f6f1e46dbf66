import { ownedBy } from '../../domain/agents/audience.ts';
import type { DeskSession } from './desk-login.ts';

/** The page that something is kept for, and whose page it is. */
export type PageOfPerson = Pick<DeskSession, 'id' | 'by'>;

/** What is kept for the pages of several people, each by an id, the oldest first. */
export type Shares<Thing> = {
  get: (page: PageOfPerson, id: string) => Thing | undefined;
  /** Keeps something, as the newest of the page's person. */
  put: (page: PageOfPerson, id: string, thing: Thing) => void;
  drop: (page: PageOfPerson, id: string) => void;
};

/**
 * Room for so many things of all people together. Where it is full, whoever has the most loses their oldest, and `lost` is told
 * of it: so nobody drives out what another person was shown.
 */
export function createShares<Thing>(most: number, lost: (id: string, thing: Thing) => void = () => undefined) {
  const byPerson = new Map<string, Map<string, Thing>>();
  let count = 0;
  const personOf = ({ by }: PageOfPerson) => ownedBy(by).owner;

  function remove(person: string, id: string): void {
    const own = byPerson.get(person);
    if (!own?.delete(id)) return;
    count -= 1;
    if (own.size === 0) byPerson.delete(person);
  }

  function makeRoom(): void {
    let [person, largest] = ['', new Map<string, Thing>()];
    for (const [each, own] of byPerson) if (own.size > largest.size) [person, largest] = [each, own];
    const [oldest] = largest;
    if (!oldest) return;
    remove(person, oldest[0]);
    lost(...oldest);
  }

  const shares: Shares<Thing> = {
    get: (page, id) => byPerson.get(personOf(page))?.get(id),
    put(page, id, thing) {
      const person = personOf(page);
      remove(person, id);
      const own = byPerson.get(person) ?? new Map<string, Thing>();
      byPerson.set(person, own.set(id, thing));
      count += 1;
      if (count > most) makeRoom();
    },
    drop: (page, id) => remove(personOf(page), id),
  };
  return shares;
}

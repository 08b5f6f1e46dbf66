import { randomBytes } from 'node:crypto';
import { createShares, type PageOfPerson } from './shares.ts';

const LIFE_MS = 10 * 60_000;
const MOST = 1_000;

/** The challenges of passkeys that pages are about to make: one a page, good for ten minutes, until the passkey is added. */
export type Creations = {
  begin: (page: PageOfPerson) => string;
  /** The challenge of a page; undefined where it asked for none of late. */
  current: (page: PageOfPerson) => string | undefined;
  end: (page: PageOfPerson) => void;
};

export function createCreations(now: () => number): Creations {
  const begun = createShares<{ challenge: string; until: number }>(MOST);
  return {
    begin(page) {
      const challenge = randomBytes(32).toString('base64url');
      begun.put(page, page.id, { challenge, until: now() + LIFE_MS });
      return challenge;
    },
    current(page) {
      const found = begun.get(page, page.id);
      return found && now() < found.until ? found.challenge : undefined;
    },
    end: (page) => begun.drop(page, page.id),
  };
}

import { randomBytes } from 'node:crypto';
import { createShares, type PageOfPerson } from './shares.ts';

const LIFE_MS = 10 * 60_000;
/** A nonce that is at least this fresh is given again for the same thing, so that a page that looks often fills no memory. */
const FRESH_MS = 5 * 60_000;
const MOST = 50_000;

type KeptNonce = { binding: string; until: number; isWhole: boolean };

/** Nonces: each is for one thing that one page was shown, good once, for ten minutes, in this process. */
export type Nonces = {
  /**
   * A nonce for something that a page is about to be shown. It counts once the page was shown all of that: without `isWhole` it
   * was shown a part so far.
   */
  give: (page: PageOfPerson, shown: string, isWhole?: boolean) => string;
  /** Uses a nonce up. Why it doesn't count for what a page was shown; undefined where it does. */
  take: (nonce: string, page: PageOfPerson, shown: string) => string | undefined;
};

const UNSEEN = 'it is longer than the list shows: open it first';
const LOAD_AGAIN = 'it was shown too long ago, was decided already, or is not as it was shown: look at it again';

export function createNonces(now: () => number): Nonces {
  const byBinding = new Map<string, string>();
  const unbind = (nonce: string, { binding }: KeptNonce) => {
    if (byBinding.get(binding) === nonce) byBinding.delete(binding);
  };
  const given = createShares(MOST, unbind);
  const bindingOf = ({ id }: PageOfPerson, shown: string) => JSON.stringify([id, shown]);

  return {
    give(page, shown, isWhole = true) {
      const binding = bindingOf(page, shown);
      const before = byBinding.get(binding) ?? '';
      const kept = given.get(page, before);
      if (kept && kept.until - now() >= FRESH_MS) {
        kept.isWhole ||= isWhole;
        return before;
      }
      const nonce = randomBytes(16).toString('base64url');
      byBinding.set(binding, nonce);
      given.put(page, nonce, { binding, until: now() + LIFE_MS, isWhole });
      return nonce;
    },
    take(nonce, page, shown) {
      const found = given.get(page, nonce);
      if (found?.binding !== bindingOf(page, shown)) return LOAD_AGAIN;
      if (!found.isWhole) return UNSEEN;
      given.drop(page, nonce);
      unbind(nonce, found);
      return now() < found.until ? undefined : LOAD_AGAIN;
    },
  };
}

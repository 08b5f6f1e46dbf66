import type { House } from '../../engine/base/house.ts';

const MOST_TEXTS = 50;
const LONGEST_TEXT = 250_000;

/** A text that shows the state; `until` is when it shows something else although nothing was committed. */
type Shown = { text: string; until: number };

/**
 * Texts that were made of the state, each for as long as nothing is committed. `key` says what a text is of, and for whom: two
 * callers who see the same may share one.
 */
export type Remembered = (house: House, key: string, make: () => Promise<Shown>) => Promise<string>;

export function createRemembered(now: () => Date): Remembered {
  const known = new Map<string, Shown & { commits: number }>();
  return async (house, key, make) => {
    // What is made below shows this commit or a newer one.
    const commits = await house.read((view) => view.commits());
    const found = known.get(key);
    if (found && found.commits === commits && now().getTime() < found.until) return found.text;
    const made = await make();
    known.delete(key);
    if (made.text.length > LONGEST_TEXT) return made.text;
    known.set(key, { ...made, commits });
    const [oldest = ''] = known.keys();
    if (known.size > MOST_TEXTS) known.delete(oldest);
    return made.text;
  };
}

import { createIds } from '../../src/domain/base/ids.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import { Chance } from './chance.ts';
import { type Fault, makeFaulty } from './faulty-disk.ts';
import { erase, whatever } from './life.ts';
import { aStore } from './store.ts';

export type LifeOptions = {
  home: string;
  name: string;
  seed: number;
  count: number;
  filler?: number;
  tuning?: Partial<Tuning>;
  fault?: Fault;
  /** Makes no change but deleting contacts. */
  isErasing?: boolean;
  /** Opens the home before anything else. */
  isOpening?: boolean;
  /** Asks after each change for contacts as they were, and so makes indexes. */
  isAsking?: boolean;
};

/** Makes `count` random changes, and prints the id of each once the store has acknowledged it. */
async function live({
  home,
  name,
  seed,
  count,
  filler = 200,
  tuning = {},
  fault,
  isErasing,
  isOpening,
  isAsking,
}: LifeOptions): Promise<void> {
  const struck = makeFaulty(fault);
  const quiet = () => undefined;
  const now = () => new Date();
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const store = aStore(home, { now, newId: createIds(now), log }, tuning);
  const chance = new Chance(seed);
  if (isOpening) await store.read((view) => view.commits());
  for (let i = 0; i < count; i++) {
    const id = `${name}-${i}`;
    const at = now().toISOString();
    try {
      const drawn = chance.below(2 ** 31);
      const isErasure = await store.commit(name, (view) => {
        const events = (isErasing ? erase : whatever)(view, new Chance(drawn), { id, at, filler });
        return {
          events: [...events, { type: 'key_used', tool: 'life', key: id, digest: '', id, at }],
          value: events.some((event) => event.type === 'contact_deleted'),
        };
      });
      process.stdout.write(`${id}\n`);
      if (isErasure) await store.forget(name);
      if (isAsking) await store.asOf([{ commit: 1, contact_id: 'anyone' }]);
    } catch (error) {
      process.stderr.write(`${id}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    // Gives the store time between calls, in which it writes snapshots.
    await new Promise((resolve) => setTimeout(resolve, i % 8 === 0 ? 2 : 0));
  }
  await store.close();
  process.stderr.write(`operations ${struck()}\n`);
}

const options: LifeOptions = JSON.parse(process.argv[2] ?? '{}');
await live(options);

import { createIds } from '../../src/domain/ids.ts';
import { createJsonStore } from '../../src/store/json/json-store.ts';
import type { Tuning } from '../../src/store/json/tuning.ts';
import { Chance } from './chance.ts';
import { type Fault, makeFaulty } from './faulty-disk.ts';
import { whatever } from './life.ts';

export type LifeOptions = {
  home: string;
  name: string;
  seed: number;
  count: number;
  filler?: number;
  tuning?: Partial<Tuning>;
  fault?: Fault;
};

/** Lets whatever happen, so many times, and prints the number of each change once it was acknowledged. */
async function live({ home, name, seed, count, filler = 200, tuning = {}, fault }: LifeOptions): Promise<void> {
  const struck = makeFaulty(fault);
  const quiet = () => undefined;
  const now = () => new Date();
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const store = createJsonStore(home, { now, newId: createIds(now), log }, tuning);
  const chance = new Chance(seed);
  for (let i = 0; i < count; i++) {
    const id = `${name}-${i}`;
    const at = now().toISOString();
    try {
      await store.commit(name, (view) => ({
        events: [
          ...whatever(view, chance, { id, at, filler }),
          { type: 'key_used', tool: 'life', key: id, digest: '', id, at },
        ],
        value: undefined,
      }));
      process.stdout.write(`${id}\n`);
    } catch (error) {
      process.stderr.write(`${id}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    // Snapshots are written between calls.
    await new Promise((resolve) => setTimeout(resolve, i % 8 === 0 ? 2 : 0));
  }
  await store.close();
  process.stderr.write(`operations ${struck()}\n`);
}

const options: LifeOptions = JSON.parse(process.argv[2] ?? '{}');
await live(options);

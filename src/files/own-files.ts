import type { Deps } from '../domain/base/deps.ts';
import { readConfig } from './config-file.ts';
import { createOutbox } from './outbox.ts';
import { readPrices } from './prices-file.ts';

/** What stands in a home beside the store: the person's settings and prices, and the messages left for the person. */
export function ownFilesOf(home: string): Pick<Deps, 'config' | 'prices' | 'outbox'> {
  return { config: () => readConfig(home), prices: () => readPrices(home), outbox: createOutbox(home) };
}

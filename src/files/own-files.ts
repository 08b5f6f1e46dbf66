import type { Deps } from '../domain/base/deps.ts';
import { readConfig } from './config-file.ts';
import { createOutbox } from './outbox.ts';
import { readPrices } from './prices-file.ts';

/** The files of a home that aren't the store's: the person's settings and prices, and messages for the person. */
export function ownFilesOf(home: string): Pick<Deps, 'config' | 'prices' | 'outbox'> {
  return { config: () => readConfig(home), prices: () => readPrices(home), outbox: createOutbox(home) };
}

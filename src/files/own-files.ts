import type { Deps } from '../domain/base/deps.ts';
import { readConfig } from './config-file.ts';
import { createOutbox } from './outbox.ts';
import { readAudioPrices, readPrices } from './prices-file.ts';
import { servedAt } from './serve-file.ts';

/** The files of a home that aren't the store's: the person's settings and prices, messages for the person, where it is served. */
export function ownFilesOf(home: string): Pick<Deps, 'config' | 'prices' | 'audioPrices' | 'outbox' | 'servedAt'> {
  return {
    config: () => readConfig(home),
    prices: () => readPrices(home),
    audioPrices: () => readAudioPrices(home),
    outbox: createOutbox(home),
    servedAt: () => servedAt(home),
  };
}

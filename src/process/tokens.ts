import { tokenFilesOf } from '../files/token-files.ts';
import type { SharedTokens, Store } from '../store/store.ts';

/** The tokens of a home: where the store has them, or else in the home's folder. */
export function homeTokens({ tokens }: Pick<Store, 'tokens'>, home: string): SharedTokens {
  if (tokens) return tokens;
  const files = tokenFilesOf(home);
  return { all: async () => files.all(), write: async (token) => files.write(token) };
}

import { z } from 'zod';
import type { Page } from '../domain/state/queries.ts';
import type { PageOf } from '../engine/base/paging.ts';

/** The arguments of a list: how many rows, 1 to `most`, and how many rows to pass over. */
export function pageFields(most: number) {
  return { limit: z.int().min(1).max(most).optional(), offset: z.int().min(0).optional() };
}

/** The keys that say which page a result is. */
export const pageKeys = { total: 'integer', limit: 'integer', offset: 'integer', has_next: 'boolean' } as const;

/** How many rows a list gives that wasn't asked for a number. */
const USUAL = 20;

export function pageFrom(
  { limit, offset = 0 }: { limit?: number | undefined; offset?: number | undefined },
  usual = USUAL,
): Page {
  return { limit: limit ?? usual, offset };
}

/** The result of a list: its rows under `name`, and the keys that say which page it is. */
export function pagedResult<T>(name: string, { rows, ...paging }: PageOf<T>): Record<string, unknown> {
  return { [name]: rows, ...paging };
}

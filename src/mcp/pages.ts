import { z } from 'zod';
import type { Page } from '../domain/state/queries.ts';
import type { PageOf } from '../engine/base/paging.ts';

export function pageFields(most: number) {
  return { limit: z.int().min(1).max(most).optional(), offset: z.int().min(0).optional() };
}

export const pageKeys = { total: 'integer', limit: 'integer', offset: 'integer', has_next: 'boolean' } as const;

export function pageFrom({
  limit = 20,
  offset = 0,
}: {
  limit?: number | undefined;
  offset?: number | undefined;
}): Page {
  return { limit, offset };
}

/** A list result: its rows under their own name, and the paging. */
export function pagedResult<T>(name: string, { rows, ...paging }: PageOf<T>): Record<string, unknown> {
  return { [name]: rows, ...paging };
}

import { compileFilter, type Forms } from '../filter/filter.ts';
import { addressKey } from './address.ts';

/** An address may be written in several ways: it is compared as addresses are everywhere. */
const FORMS: Forms = { email: addressKey };

/**
 * A filter of contacts, as `compileFilter` makes it: an address in it finds the contact with that address however either
 * is written, `Ann@Example.com` or `<ann@example.com>`. Patterns look at the address as it is stored.
 *
 * @throws AppError VALIDATION_ERROR, as `compileFilter` does
 */
export function compileContactFilter(filter: unknown, path: string): (contact: Record<string, unknown>) => boolean {
  return compileFilter(filter, path, FORMS);
}

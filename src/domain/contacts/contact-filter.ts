import { compileFilter, type Forms } from '../filter/filter.ts';
import { type Literals, requiredLiterals } from '../filter/literals.ts';
import { addressKey } from './address.ts';

type Predicate = (contact: Record<string, unknown>) => boolean;

/** An address may be written in several ways: it is compared as addresses are everywhere. */
const FORMS: Forms = { email: addressKey };

/**
 * A filter of contacts, as `compileFilter` makes it: an address in it finds the contact with that address however either
 * is written, `Ann@Example.com` or `<ann@example.com>`. Patterns look at the address as it is stored.
 *
 * @throws AppError VALIDATION_ERROR, as `compileFilter` does
 */
export function compileContactFilter(filter: unknown, path: string): Predicate {
  return compileFilter(filter, path, FORMS);
}

/** What must stand in a contact's JSON before a filter, one that `compileContactFilter` has taken, can find the contact. */
export function contactLiterals(filter: unknown): Literals {
  return requiredLiterals(filter, FORMS);
}

/** The filters of agents that were compiled. The same object means the same filter: no agent that was saved changes. */
const monitored = new WeakMap<object, Predicate>();

/** Whether an agent monitors a contact. Its filter is compiled once: a commit may ask about hundreds of contacts. */
export function monitoredBy({ filter }: { filter: Record<string, unknown> }): Predicate {
  const known = monitored.get(filter) ?? compileContactFilter(filter, 'monitoring.filter');
  monitored.set(filter, known);
  return known;
}

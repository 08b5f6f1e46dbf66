import type { BlockingFlag } from '../../contacts/contact.ts';
import { excerpt } from '../raw-row.ts';

/** What one column (or kind of event) said of a flag: the contacts that it flagged, and those of other words. */
export type Flagging = {
  column: string;
  flag: BlockingFlag;
  isGuess: boolean;
  set: Set<string>;
  unknown: Set<string>;
  unasked: Set<string>;
  disagreed: Set<string>;
  /** The first words that weren't known. */
  words: Set<string>;
};

const SHOWN = 20;

export function many(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

export function contactCount(set: ReadonlySet<string>): string {
  return many(set.size, 'contact', 'contacts');
}

/** A list's first 20 items, and how many there are in all. */
export function firstOf(items: readonly string[]): string {
  const more = items.length > SHOWN ? ` (the first ${SHOWN} of ${items.length})` : '';
  return `${items.slice(0, SHOWN).join('; ')}${more}`;
}

/** What a column says in words that set nothing, or that aren't known. */
export function flagWords({ column, flag, unknown, unasked, disagreed, words }: Flagging): string[] {
  const name = excerpt(column);
  const told: string[] = [];
  if (unknown.size > 0)
    told.push(
      `${name} holds words that are neither yes nor no, such as ${[...words].join(', ')}: ${flag} was set for ${contactCount(unknown)}.`,
    );
  if (unasked.size > 0)
    told.push(`${name} says of ${contactCount(unasked)} that nobody asked for consent. That sets no flag.`);
  if (disagreed.size > 0)
    told.push(
      `${name} says no for ${contactCount(disagreed)}. If that means that they don't want email, map it: mapping {"do_not_email": ${JSON.stringify(column)}}.`,
    );
  return told;
}

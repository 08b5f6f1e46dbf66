/** A person, by the name the operating system gives, and the client they speak through (`name version`). */
export type Person = { user: string; client?: string };

/** Who changes something: a person, or by its plain name the product itself. */
export type Author = string | Person;

/** The product, where no person decides: runs, checks, expiry. */
export const PRODUCT = 'countersign';

/** An author as `created_by` and `decided_by` tell it: `user (client version)`. */
export function nameOf(author: Author): string {
  if (typeof author === 'string') return author;
  return author.client === undefined ? author.user : `${author.user} (${author.client})`;
}

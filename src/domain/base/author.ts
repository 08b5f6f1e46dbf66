/** A person: the user name of the operating system, and the client that the call came through (`name version`). */
export type Person = { user: string; client?: string };

/** Who makes a change: a person, or a plain name such as the product's. */
export type Author = string | Person;

/** The product's name, the author of changes that no person makes: those of runs, checks and expiry. */
export const PRODUCT = 'countersign';

/** An author in the form of `created_by` and `decided_by`: `user (client version)`. */
export function nameOf(author: Author): string {
  if (typeof author === 'string') return author;
  return author.client === undefined ? author.user : `${author.user} (${author.client})`;
}

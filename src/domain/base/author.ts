/** A person: the user name of the operating system, and the client that the call came through (`name version`). */
export type Person = { user: string; client?: string };

/** Who makes a change: a person, or a plain name such as the product's. */
export type Author = string | Person;

/** The product's name, the author of changes that no person makes: those of runs, checks and expiry. */
export const PRODUCT = 'countersign';

/**
 * Whom a call is made for, whichever client it came through: the person. Another client of theirs, or a newer version of
 * it, is the same caller.
 */
export function callerOf(author: Author): string {
  return typeof author === 'string' ? author : author.user;
}

/** An author in the form of `created_by` and `decided_by`: `user (client version)`. */
export function nameOf(author: Author): string {
  if (typeof author === 'string') return author;
  return author.client === undefined ? author.user : `${author.user} (${author.client})`;
}

/** A name without anything that tells look-alikes apart: case, spaces, signs, digits for letters. */
function plainName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('0', 'o')
    .replace(/[1l|]/g, 'i')
    .replace(/[^a-z]/g, '');
}

/**
 * A client as `Person.client` names it. Nothing proves what a client says of itself, so a name that could be taken for one
 * of the product's own ways in (`countersign review 0.1.0`), or that isn't plain ASCII, is told as said:
 * `says it is "countersign review 0.1.0"`. No client can make its name begin without that.
 */
export function clientAsSaid(name: string, version: string): string {
  const said = `${name.slice(0, 100)} ${version.slice(0, 50)}`;
  const isPlain = /^[a-z0-9@][\w .@/+-]*$/i.test(said) && !/^says\b/i.test(said);
  return isPlain && !plainName(said).includes(plainName(PRODUCT)) ? said : `says it is ${JSON.stringify(said)}`;
}

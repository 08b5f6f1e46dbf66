/** What a token lets its holder do. None contains another. */
export const SCOPES = ['agents:read', 'agents:write', 'agents:trigger', 'agents:approve'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a person may see and change in their team, as TalkifAI documents it. */
export const ROLES = ['owner', 'admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

/** The id of the home's owner: whoever uses it over stdio or in the terminal, and holds a token under the OS user's name. */
export const OWNER_ID = 'owner';

/** One of a team, known by a token or an issuer. `id` names the person for good, whatever they are called. */
export type Member = { id: string; role: Role; team: number; scopes: readonly Scope[] };

/**
 * A person: the user name of the operating system, or the name of their token, and the client that the call came through
 * (`name version`). Without `member` it is the home's owner, over stdio or in the terminal, who sees and may do all.
 */
export type Person = { user: string; client?: string; member?: Member };

/** Who makes a change: a person, or a plain name such as the product's. */
export type Author = string | Person;

/** The product's name, the author of changes that no person makes: those of runs, checks and expiry. */
export const PRODUCT = 'countersign';

/**
 * Whom a call is made for, whichever client it came through: the person. Another client of theirs, or a newer version of
 * it, is the same caller.
 */
export function callerOf(author: Author): string {
  if (typeof author === 'string') return author;
  return author.member === undefined || author.member.id === OWNER_ID ? author.user : author.member.id;
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

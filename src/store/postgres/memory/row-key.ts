/**
 * An id as a key in the database. PostgreSQL's text can hold neither NUL nor half of a surrogate pair, which an id from a file may
 * have: they are escaped, and so is what escapes.
 */
export function rowKey(id: string): string {
  return id.replace(/[\0\\\p{Cs}]/gu, (one) => `\\${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The id of which a key was made. */
export function idOfKey(key: string): string {
  return key.replace(/\\([0-9a-f]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

/**
 * The words of a text in lower case, joined by single spaces, with one space at each end, so that `includes(' word ')`
 * finds whole words: `lastActivity`, `LAST_ACTIVITY` and `last activity` are the same two words.
 */
export function wordsOf(text: string): string {
  const parted = text.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2');
  return ` ${parted
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')} `;
}

/** All texts in a JSON value, names of fields among them, parted by spaces. */
export function textsIn(value: unknown): string {
  if (Array.isArray(value)) return value.map(textsIn).join(' ');
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.entries(value)
    .map(([name, item]) => `${name} ${textsIn(item)}`)
    .join(' ');
}

/** Whether a text, given as `wordsOf` it, holds all words of a name in their order. */
export function holdsWords(words: string, name: string): boolean {
  const wanted = wordsOf(name);
  return wanted.trim() !== '' && words.includes(wanted);
}

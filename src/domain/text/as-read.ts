import { isObject } from '../base/json.ts';

/** What stands between words, the next-line control included. */
const BETWEEN_WORDS = /[\s\u0085]+/g;
/**
 * Characters that nobody sees: the default-ignorable code points of Unicode (zero-width ones, bidi controls, tags,
 * variation selectors, fillers, the soft hyphen), controls, and what else has no shape.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/gu;
/** Texts of printable ASCII alone, as most are: nothing in them is folded but case. */
const PLAIN = /^[\x20-\x7e\t\n\r]*$/;
/** White space of such texts that isn't one space already. */
const WIDE = / *[\t\n\r][ \t\n\r]*| {2,}/g;

/**
 * A text as people read it, to be compared with others: without what can't be seen, NFKC, without regard to case, and
 * white space collapsed and trimmed (contract, section 3, "The gate"). It is the mapping of Unicode's `toNFKC_Casefold`
 * (The Unicode Standard, 3.13), whose case folding JavaScript has as lower case made upper case.
 */
export function asRead(text: string): string {
  if (PLAIN.test(text)) return text.trim().replace(WIDE, ' ').toUpperCase();
  const seen = text.replace(BETWEEN_WORDS, ' ').normalize('NFKC').replace(UNSEEN, '');
  const folded = seen.toLowerCase().toUpperCase().normalize('NFKC').replace(UNSEEN, '');
  return folded.trim().replace(BETWEEN_WORDS, ' ');
}

/** A JSON value with each of its texts as people read it. The names of its fields stay as they are. */
export function valueAsRead(value: unknown): unknown {
  if (typeof value === 'string') return asRead(value);
  if (Array.isArray(value)) return value.map((item) => valueAsRead(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, valueAsRead(item)]));
}

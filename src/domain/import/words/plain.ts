const LETTERS: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', đ: 'd', ı: 'i', ß: 'ss', æ: 'ae', œ: 'oe' };

/**
 * A name or word as this folder compares it: lower case, accents off, words that stand together in capitals apart
 * (`HasOptedOutOfEmail`), and one space for whatever isn't a letter or a digit.
 */
export function plain(text: string): string {
  return text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[łøđıßæœ]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
}

/** A pattern that finds any of some phrases anywhere in a plain text. A space at an end of a phrase ends a word. */
export function anyOf(phrases: readonly string[]): RegExp {
  const parts = phrases.map((phrase) => {
    const begin = phrase.startsWith(' ') ? '(?:^| )' : '';
    const end = phrase.endsWith(' ') ? '(?: |$)' : '';
    return `${begin}${plain(phrase)}${end}`;
  });
  return new RegExp(parts.join('|'));
}

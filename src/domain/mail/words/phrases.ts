import { plain } from '../../import/words/plain.ts';

/** A list of phrases as `plain` compares them. */
export function phrasesOf(text: string): string[] {
  return text
    .split(',')
    .map(plain)
    .filter((phrase) => phrase !== '');
}

/** Scripts that part no words: a phrase of theirs is found wherever it stands. */
const UNPARTED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Whether a plain text begins with one of some phrases, as whole words. */
export function startsWithOne(text: string, phrases: readonly string[]): boolean {
  return phrases.some(
    (phrase) => text.startsWith(phrase) && (UNPARTED.test(phrase) || ['', ' '].includes(text.charAt(phrase.length))),
  );
}

/** Whether a plain text has one of some phrases anywhere, as whole words. */
export function holdsOne(text: string, phrases: readonly string[]): boolean {
  return phrases.some((phrase) =>
    UNPARTED.test(phrase) ? text.includes(phrase) : ` ${text} `.includes(` ${phrase} `),
  );
}

import { domainToASCII } from 'node:url';

/**
 * Characters that a person can't see, or that change how others are shown: controls, bidi controls (Unicode UAX 9),
 * zero-width and other format characters, separators, tags, variation selectors except that of emoji (U+FE0F), and
 * private or unassigned code points.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800]|(?!\ufe0f)\p{Variation_Selector}/gu;
/** The zero-width joiner. Emoji and some scripts need it: it stays before a letter or emoji, and is named elsewhere. */
const JOINER = '\u200d';
const NO_BREAK = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/gu;

function named(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/**
 * Text as a person should see it before a decision: characters that can't be seen are replaced by their name, such as
 * ⟨U+200B⟩. Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(UNSEEN, (character, at: number, whole: string) => {
      if (character === '\n' || character === '\t') return character;
      const isJoining = character === JOINER && /\p{L}|\p{Emoji}/u.test(whole.slice(at + 1, at + 3));
      return isJoining ? character : named(character);
    })
    .replace(NO_BREAK, ' ');
}

/** An email address as a person should see it. The ASCII form of a domain that could look like another is added. */
export function visibleAddress(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const ascii = domainToASCII(domain);
  const shown = visible(address);
  return /^[\x20-\x7e]*$/.test(address) || ascii === '' || ascii === domain.toLowerCase()
    ? shown
    : `${shown} (domain ${ascii})`;
}

/** Whether a text holds characters that `visible` replaces by their name. */
export function hidesSomething(text: string): boolean {
  return visible(text).includes('⟨U+');
}

/** JSON text whose unseen characters are written as escapes: a person sees them, and it parses to the same value. */
export function escapeUnseen(json: string): string {
  return json.replace(UNSEEN, (character) => {
    if (character === '\n') return character;
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

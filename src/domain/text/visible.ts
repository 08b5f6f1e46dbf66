import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * Characters that a person can't see, or that change how others are shown: every default-ignorable code point of Unicode
 * (zero-width ones, bidi controls, tags, variation selectors, fillers, the soft hyphen), controls, other format characters,
 * line and paragraph separators, private or unassigned code points, lone surrogates, and the blank of Braille.
 *
 * Emoji are matched first, as a whole: within one, the joiner and the selector of its coloured form belong to what is
 * seen. Anywhere else they are marked like the others.
 */
const UNSEEN =
  /(?<emoji>(?!\p{Cn})\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?(?:\u200d(?!\p{Cn})\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)*|[#*0-9]\ufe0f\u20e3)|[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u2800]/gu;
const NO_BREAK = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/gu;

function pointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A text with each unseen character replaced by what `mark` makes of it. */
function markUnseen(text: string, mark: (character: string) => string): string {
  return text.replace(UNSEEN, (found, emoji: string | undefined) => (emoji === undefined ? mark(found) : found));
}

/**
 * Text as a person should see it before a decision: characters that can't be seen are replaced by their name, such as
 * ⟨U+200B⟩. Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return markUnseen(text.replace(/\r\n/g, '\n'), (character) =>
    character === '\n' || character === '\t' ? character : `⟨${pointOf(character)}⟩`,
  ).replace(NO_BREAK, ' ');
}

/** A text that is shown on one line: its line breaks and tabs are named too. */
function visibleOnLine(text: string): string {
  return visible(text).replace(/[\n\t]/g, (character) => `⟨${pointOf(character)}⟩`);
}

/**
 * A host as a person should see it: one outside ASCII with its ASCII form behind it, `bücher.example
 * (xn--bcher-kva.example)`, because its letters can look like others.
 */
function visibleHost(host: string): string {
  const shown = visibleOnLine(host);
  if (/^[\x20-\x7e]*$/.test(host)) return shown;
  const ascii = domainToASCII(host);
  return `${shown} (${ascii === '' ? 'no valid host' : ascii})`;
}

/** The part of an address before its @: a letter outside ASCII is named, because it can look like another. */
function visibleLocalPart(text: string): string {
  return visibleOnLine(text).replace(/[^\x20-\x7e⟨⟩]/gu, (letter) => `⟨${pointOf(letter)} ${letter}⟩`);
}

/**
 * Where something goes, as a person should see it: an email address with letters outside ASCII named, a URL as it will
 * be reached (its host in ASCII), or any other text on one line.
 */
export function visibleAddress(address: string): string {
  if (/^https?:/i.test(address) && URL.canParse(address)) {
    const { href, hostname } = new URL(address);
    const host = domainToUnicode(hostname);
    return host === hostname ? visibleOnLine(href) : `${visibleOnLine(href)}, host ${visibleHost(host)}`;
  }
  const at = address.lastIndexOf('@');
  if (at < 0) return visibleOnLine(address);
  const host = address.slice(at + 1);
  return `${visibleLocalPart(address.slice(0, at))}@${visibleHost(/^xn--|\.xn--/.test(host) ? domainToUnicode(host) : host)}`;
}

/** Whether a text holds characters that `visible` replaces by their name. */
export function hidesSomething(text: string): boolean {
  return visible(text).includes('⟨U+');
}

/** JSON text whose unseen characters are written as escapes: a person sees them, and it parses to the same value. */
export function escapeUnseen(json: string): string {
  return markUnseen(json, (character) => {
    if (character === '\n') return character;
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

import type { ContactEvent } from '../../contacts/contact.ts';
import { asHtml } from '../../text/html-text.ts';

/** Who is quoted, and the language and time zone of whoever quotes. */
export type QuoteTerms = { name: string; language: string; zone: string };

/**
 * What the contact wrote, as it stands below an answer: the line above it, and its lines. `characters` of `of` are
 * quoted.
 */
export type Quotation = { intro: string; lines: readonly string[]; characters: number; of: number };

/** So much of a message is quoted, so that a form can show it whole to the person who decides. */
const MOST_CHARACTERS = 3_000;
const LEFT_OUT = '[...]';

type Intro = (date: string, time: string, name: string) => string;
/** How mail programs say above a quotation who wrote it. */
const ENGLISH: Intro = (date, time, name) => `On ${date} at ${time}, ${name} wrote:`;
const INTROS: Readonly<Record<string, Intro>> = {
  de: (date, time, name) => `Am ${date} um ${time} schrieb ${name}:`,
  fr: (date, time, name) => `Le ${date} à ${time}, ${name} a écrit :`,
  es: (date, time, name) => `El ${date} a las ${time}, ${name} escribió:`,
  it: (date, time, name) => `Il giorno ${date} alle ${time}, ${name} ha scritto:`,
  pt: (date, time, name) => `Em ${date} às ${time}, ${name} escreveu:`,
  nl: (date, time, name) => `Op ${date} om ${time} schreef ${name}:`,
};
/** English as it is written where the day stands before the month. */
const ENGLISH_TAG = 'en-GB';

function textOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  // Nothing that a mail program, or a terminal, would take for more than a letter.
  const plain = value.replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, '');
  return plain.trim();
}

/** What of an event its author wrote: the body that a mailbox keeps with what it quotes, or the text of a ticket. */
function writtenIn({ properties }: ContactEvent): string {
  const { body, quoted, message } = properties;
  const own = textOf(body) || textOf(message);
  const earlier = own !== '' && body !== undefined ? textOf(quoted) : '';
  return earlier === '' ? own : `${own}\n\n${earlier}`;
}

/** Whole lines from the beginning of a text, at most so many characters; of one endless line its beginning. */
function beginning(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const cut = text.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
  const end = cut.lastIndexOf('\n');
  return (end > 0 ? cut.slice(0, end) : cut).trimEnd();
}

function introOf({ timestamp }: ContactEvent, { name, language, zone: timeZone }: QuoteTerms): string {
  const primary = language.split(/[-_]/, 1)[0]?.toLowerCase() ?? '';
  const intro = Object.hasOwn(INTROS, primary) ? INTROS[primary] : undefined;
  const tag = intro ? primary : ENGLISH_TAG;
  const at = new Date(timestamp);
  const date = new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone }).format(at);
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  const time = new Intl.DateTimeFormat(ENGLISH_TAG, clock).format(at);
  return (intro ?? ENGLISH)(date, timeZone === 'UTC' ? `${time} UTC` : time, name);
}

/** What of a message stands below an answer to it; undefined where nothing of what was written is kept. */
export function quotationOf(event: ContactEvent, terms: QuoteTerms): Quotation | undefined {
  const text = writtenIn(event);
  if (text === '') return undefined;
  const shown = beginning(text);
  const lines = [...shown.split('\n').map((line) => line.trimEnd()), ...(shown === text ? [] : [LEFT_OUT])];
  return { intro: introOf(event, terms), lines, characters: shown.length, of: text.length };
}

/** A quotation as plain text: each line behind `>`. */
export function quotedText({ intro, lines }: Quotation): string {
  const marked = lines.map((line) => (line === '' || line.startsWith('>') ? `>${line}` : `> ${line}`));
  return [intro, ...marked].join('\n');
}

/** A quotation as HTML: the same words, none of them mark-up. */
export function quotedHtml({ intro, lines }: Quotation): string {
  return `<p>${asHtml(intro)}</p>\n<blockquote type="cite">${asHtml(lines.join('\n'))}</blockquote>\n`;
}

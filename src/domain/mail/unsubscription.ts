import { plain } from '../import/words/plain.ts';
import { isAnswering, saysByProgram } from './auto-reply.ts';
import { type MailMessage, mailHeader } from './message.ts';
import {
  AROUND,
  CLOSINGS,
  GREETINGS,
  OBJECTIONS,
  OBJECTIONS_ALONE,
  OBJECTIONS_UNPARTED,
} from './words/objection-words.ts';
import { holdsOne, startsWithOne } from './words/phrases.ts';

/** A text of more words or characters says something else, too. */
const MOST_WORDS = 40;
const LONGEST_TEXT = 2_000;
const LONGEST_UNPARTED = 40;
const LONGEST_GREETING = 6;
/** Phrases by their first word, the longest first. */
function byFirstWord(phrases: readonly string[]): ReadonlyMap<string, readonly string[][]> {
  const found = new Map<string, string[][]>();
  for (const words of phrases.map((phrase) => phrase.split(' ')).sort((a, b) => b.length - a.length)) {
    const [first = ''] = words;
    found.set(first, [...(found.get(first) ?? []), words]);
  }
  return found;
}

const OBJECTING = byFirstWord(OBJECTIONS);
const AROUND_IT = byFirstWord([...AROUND, ...GREETINGS]);

function lengthAt(words: readonly string[], at: number, phrases: ReadonlyMap<string, readonly string[][]>): number {
  const known = phrases.get(words[at] ?? '') ?? [];
  return known.find((phrase) => phrase.every((word, i) => words[at + i] === word))?.length ?? 0;
}

/** `objects`: it says so, and nothing else. `nothing`: no more than please, thanks and their kin. */
function readingOf(text: string): 'objects' | 'nothing' | 'something' {
  const whole = plain(text);
  if (whole === '') return 'nothing';
  if (OBJECTIONS_ALONE.has(whole)) return 'objects';
  if (whole.length <= LONGEST_UNPARTED && holdsOne(whole, OBJECTIONS_UNPARTED)) return 'objects';
  const words = whole.split(' ');
  if (words.length > MOST_WORDS) return 'something';
  let isObjecting = false;
  for (let at = 0; at < words.length; ) {
    const length = lengthAt(words, at, OBJECTING);
    if (length > 0) isObjecting = true;
    const step = length || lengthAt(words, at, AROUND_IT);
    if (step === 0) return 'something';
    at += step;
  }
  return isObjecting ? 'objects' : 'nothing';
}

function isName(line: string, name: string): boolean {
  const words = plain(line).split(' ');
  const known = plain(name).split(' ');
  return words.every((word) => word !== '' && known.includes(word));
}

/** The lines that say something: without a greeting above, and without wishes, a name and what a company adds below. */
function bare(text: string, fromName: string): string {
  const lines = text.slice(0, LONGEST_TEXT).split('\n');
  const [first = ''] = lines;
  const greeting = plain(first);
  const isGreeting = startsWithOne(greeting, GREETINGS) && greeting.split(' ').length <= LONGEST_GREETING;
  const said = isGreeting && readingOf(first) !== 'objects' ? withoutGreeting(first, lines) : lines;
  const end = said.findIndex((line) => isName(line, fromName) || startsWithOne(plain(line), CLOSINGS));
  return said.slice(0, end < 0 ? said.length : end).join('\n');
}

/** A greeting's line may go on behind a comma or an exclamation mark: `Hello, please remove me`. */
function withoutGreeting(first: string, lines: readonly string[]): string[] {
  const rest = /[,!.:]\s{0,5}(.{3,})$/.exec(first)?.[1] ?? '';
  return [rest, ...lines.slice(1)];
}

/**
 * Whether a message says nothing but that its author wants no more mail: in its text, or in a subject of its own above
 * hardly any text. A text that goes on is an answer for somebody to read.
 *
 * @param text what the message says itself, without what it quotes and without a signature
 */
export function saysOnlyUnsubscribe(
  { subject, fromName }: Pick<MailMessage, 'subject' | 'fromName'>,
  text: string,
): boolean {
  if (text.length > LONGEST_TEXT) return false;
  const reading = readingOf(bare(text, fromName));
  if (reading === 'objects') return true;
  return (reading === 'nothing' || saysByProgram(text)) && isUnsubscribingSubject(subject);
}

function isUnsubscribingSubject(subject: string): boolean {
  return !isAnswering(subject) && readingOf(subject) === 'objects';
}

/** Whether a mail program wrote because somebody pressed "unsubscribe" in it, as those of Apple and Google do. */
export function isPressedUnsubscribe(message: MailMessage): boolean {
  return mailHeader(message, 'x-apple-unsubscribe') === 'true' || isUnsubscribingSubject(message.subject);
}

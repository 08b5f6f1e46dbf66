import { linesOfHtml } from './html-lines.ts';
import type { MailMessage } from './message.ts';
import { DEVICE_LINE, FROM_LABEL, OPENERS, ORIGINAL, OTHER_LABEL, WROTE_WORDS } from './words/quote-words.ts';

/** What somebody wrote, and what they quote, as plain text; without their signature. */
export type ReplyText = { text: string; quoted: string };

/** A longer text is no line above a quotation. */
const LONGEST_INTRO = 600;
/** The line above a quotation is broken into at most so many. */
const MOST_INTRO_LINES = 4;
/** So many lines after "From:" are looked at for "Sent:", "To:" and "Subject:". */
const HEADER_LINES = 8;
const MOST_DEVICE_LINES = 4;
const QUOTED = /^[ \t]{0,3}>/;
const ADDRESS = /[^\s<>@]{1,64}@[^\s<>@]{1,255}/;
const TIME = /\d{1,2}[:.h]\d\d|(?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./]\d\d/;
const INTRO_END = /(?:[:：]|-{2,})$/;
const RULE = /^[_-]{5,}$/;
const SIGNATURE = /^--$/;

function isIntro(text: string): boolean {
  if (text.length > LONGEST_INTRO || !INTRO_END.test(text)) return false;
  const small = text.toLowerCase();
  const isDated = TIME.test(text);
  const isAddressed = ADDRESS.test(text);
  const isFramed = /^-{2,}.*-{2,}$/.test(text);
  return WROTE_WORDS.some((word) => small.includes(word)) ? isDated || isAddressed || isFramed : isDated && isAddressed;
}

/** Where the lines begin that say above a quotation who wrote it, if line `end` is the last of them. */
function introStart(lines: readonly string[], end: number): number | undefined {
  let text = '';
  for (let start = end; start > end - MOST_INTRO_LINES && start >= 0; start--) {
    const line = lines[start] ?? '';
    if (line === '' || QUOTED.test(line)) return undefined;
    text = `${line} ${text}`.trim();
    if (!isIntro(text)) continue;
    for (let above = start - 1; above >= start - 2 && above >= 0; above--) {
      if (lines[above] === '' || QUOTED.test(lines[above] ?? '')) break;
      if (OPENERS.test(lines[above] ?? '') && TIME.test(lines[above] ?? '')) return above;
    }
    return start;
  }
  return undefined;
}

/** The lines above quotations: for the first of each the number of the last. */
function introsIn(lines: readonly string[]): ReadonlyMap<number, number> {
  const intros = new Map<number, number>();
  for (const [end, line] of lines.entries()) {
    const start = INTRO_END.test(line) ? introStart(lines, end) : undefined;
    if (start !== undefined) intros.set(start, end);
  }
  return intros;
}

/**
 * Whether a block of header lines begins here, as Outlook puts it above a message that it quotes without marks: who wrote
 * it and two more. Where another line than that one is the first, as in those of GMX, the next is a header line too.
 */
function isHeaderBlock(lines: readonly string[], at: number): boolean {
  const [first = '', ...next] = lines.slice(at, at + HEADER_LINES);
  const others = next.filter((line) => OTHER_LABEL.test(line));
  if (FROM_LABEL.test(first)) return others.length >= 2;
  const [second = ''] = next;
  if (!OTHER_LABEL.test(first) || !(OTHER_LABEL.test(second) || FROM_LABEL.test(second))) return false;
  return others.length >= 2 && next.some((line) => FROM_LABEL.test(line));
}

/** Whether everything from a line on is quoted. */
function isQuotedOn(lines: readonly string[], at: number): boolean {
  return ORIGINAL.test(lines[at] ?? '') || isHeaderBlock(lines, at);
}

function nextIsMarked(lines: readonly string[], after: number): boolean {
  const next = lines.slice(after + 1, after + 4).find((line) => line !== '');
  return next !== undefined && QUOTED.test(next);
}

/** Parts the lines of a message into its own and those that it quotes. */
function parted(lines: readonly string[]): { own: string[]; quoted: string[] } {
  const intros = introsIn(lines);
  const own: string[] = [];
  const quoted: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const end = intros.get(at);
    if (end !== undefined && nextIsMarked(lines, end)) {
      quoted.push(...lines.slice(at, end + 1));
      at = end;
    } else if (end !== undefined || isQuotedOn(lines, at)) {
      quoted.push(...lines.slice(at));
      break;
    } else (QUOTED.test(line) ? quoted : own).push(line);
  }
  return { own, quoted };
}

function joined(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The lines without the signature below them. A message that is nothing but a signature stays whole. */
function unsigned(lines: readonly string[]): readonly string[] {
  const written = lines.findLastIndex((line) => line !== '' && !RULE.test(line));
  const whole = lines.slice(0, written + 1);
  const mark = whole.findIndex((line) => SIGNATURE.test(line));
  const above = mark < 0 ? whole : whole.slice(0, mark);
  const device = above.findIndex((line) => DEVICE_LINE.test(line));
  const left = device < 0 || above.length - device > MOST_DEVICE_LINES ? above : above.slice(0, device);
  if (device >= 0 && mark < 0 && left.every((line) => line === '')) return [];
  return left.some((line) => line !== '') ? left : whole;
}

/**
 * Parts a message into what its author wrote and what they quote, by the marks of mail programs: lines with `>`, the line
 * or block above a quotation in many languages, elements of HTML. Where nothing is marked, all of it counts as written.
 */
export function replyText({ text, html }: Pick<MailMessage, 'text' | 'html'>): ReplyText {
  const source = text.trim() === '' ? linesOfHtml(html) : text;
  const lines = source.split(/\r\n?|\n/).map((line) => line.replaceAll('\u00a0', ' ').trim());
  const { own, quoted } = parted(lines);
  return { text: joined(unsigned(own)), quoted: joined(quoted) };
}

import { visible, visibleAddress } from './visible.ts';

/** The most characters of a form's text (contract, section 3): a longer text is shown elsewhere, or in another form. */
export const LONGEST_FORM = 8_000;

/** Whether no form can show a text whole. Then only the terminal can. */
export function isTooLong(text: string): boolean {
  return text.length > LONGEST_FORM;
}
const LONGEST_HEAD = 110;
const MOST_HEADS = 3;

/** Stands before each line that is Countersign's own. No other text of a form can hold it, wherever a client wraps. */
const MARK = '▸';
/** The mark, and letters that could be taken for it. */
const LIKE_MARK = /[\u2023\u25b6\u25b8\u25ba\u2bc8\u{1f782}]/gu;

/** What stands in a form: a label of ours, and a text of anybody's. */
export type FormLine = [label: string, text: string];

function withoutMark(text: string): string {
  return text.replace(LIKE_MARK, (letter) => `⟨U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}⟩`);
}

/** Text on one line, as a person should see it before a decision. A line break in it is shown as ⏎. */
export function onOneLine(text: string): string {
  return withoutMark(visible(text))
    .trim()
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n\s*/g, ' ⏎ ');
}

/** An address, URL or other recipient on one line. A URL is shown as it will be reached, its host in ASCII. */
export function shownRecipient(to: string): string {
  const isUrl = /^https?:/i.test(to.trim()) && URL.canParse(to);
  return onOneLine(isUrl ? new URL(to).href : visibleAddress(to));
}

/** Lines as a form shows them: each label after the mark, a text of several lines indented below its label. */
export function laidOut(lines: readonly FormLine[]): string {
  return lines
    .map(([label, text]) => {
      const shown = withoutMark(visible(text)).trimEnd();
      const own = `${MARK} ${onOneLine(label)}:`;
      return shown.includes('\n') ? `${own}\n  ${shown.replaceAll('\n', '\n  ')}` : `${own} ${shown}`.trimEnd();
    })
    .join('\n');
}

/** The short lines above a form: at most 3, each of at most 110 characters. */
export function shortLines(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_HEADS).map((line) => onOneLine(line));
  return shown.map((line) => (line.length > LONGEST_HEAD ? `${line.slice(0, LONGEST_HEAD - 1)}…` : line)).join('\n');
}

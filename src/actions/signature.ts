import { asHtml, htmlText } from '../domain/text/html-text.ts';

/** The line before a signature, by which mail programs know it (RFC 3676, section 4.3). */
const SEPARATOR = '-- ';
/** Where a signature stands: at the end, or above a quotation, which programs would take for a part of it. */
export type SignaturePlace = 'end' | 'above quotation';
/** How people and models write that line: two hyphens, or one long dash, alone. */
const LIKE_SEPARATOR = /^\s*(?:--|[\u2012-\u2015])\s*$/;
/** The same with the name behind it. */
const BEFORE_NAME = /^\s*(?:--|[\u2012-\u2015])\s*(?=\p{L})/u;
/** A line of a signature's own that only sets it apart. */
const RULE = /^\s*[-_=~*\u2010-\u2015]{1,80}\s*$/;
/** The most lines behind such a line for it to begin a signature: further up, it divides the text. */
const MOST_LINES = 12;

function linesIn(text: string): string[] {
  return text.split(/\r\n?|\n/);
}

/** A signature without the separator that people write above theirs, and without space around it. */
function bare(signature: string): string {
  const lines = linesIn(signature.trim());
  const first = lines.findIndex((line) => line.trim() !== '' && !RULE.test(line));
  if (first < 0) return '';
  return lines
    .slice(first)
    .join('\n')
    .replace(/^\s*--\s+/, '')
    .trim();
}

/**
 * A text in two parts: what stands above its own separator, and the signature below it; undefined where it has none.
 * A line such as `-- Sam` is one where it names somebody of the signature `own`.
 */
function divided(text: string, own: string): { above: string; below: string } | undefined {
  const named = (line: string) => BEFORE_NAME.test(line) && hasLines(own, line.replace(BEFORE_NAME, ''));
  const lines = linesIn(text.trimEnd()).flatMap((line) =>
    named(line) ? [SEPARATOR, line.replace(BEFORE_NAME, '')] : [line],
  );
  const at = lines.findLastIndex((line) => LIKE_SEPARATOR.test(line));
  if (at < 0 || lines.length - at - 1 > MOST_LINES) return undefined;
  return {
    above: lines.slice(0, at).join('\n').trimEnd(),
    below: lines
      .slice(at + 1)
      .join('\n')
      .trim(),
  };
}

/** Whether every line of one text, such as a name alone, stands in the lines of another. */
function hasLines(text: string, part: string): boolean {
  const lines = linesIn(text).map((line) => line.trim().toLowerCase());
  const isThere = (wanted: string) => lines.some((line) => line === wanted || line.startsWith(`${wanted} `));
  return linesIn(part).every((line) => isThere(line.trim().toLowerCase()));
}

/**
 * A message with the signature below it, behind exactly one separator, or without any where a quotation follows. A
 * message that has one already keeps what it has below, unless that is part of the signature, or the signature part of it.
 */
export function withSignature(message: string, signature: string, place: SignaturePlace = 'end'): string {
  const own = bare(signature);
  if (own === '') return message;
  const { above, below } = divided(message, own) ?? { above: message.trimEnd(), below: '' };
  const whole = below === '' || hasLines(own, below) ? own : hasLines(below, own) ? below : `${below}\n${own}`;
  const separator = place === 'end' ? `${SEPARATOR}\n` : '';
  return `${above === '' ? '' : `${above}\n\n`}${separator}${whole}`;
}

/** An HTML version with the signature at its end, behind one separator; without it where it has the signature already. */
export function withHtmlSignature(html: string, signature: string, place: SignaturePlace = 'end'): string {
  const own = bare(signature);
  if (own === '') return html;
  const below = divided(htmlText(html).text, own)?.below;
  if (below !== undefined && hasLines(below, own)) return html;
  const separator = below === undefined && place === 'end' ? `${SEPARATOR}<br>\n` : '';
  return atEndOfHtml(html, `\n<p>${separator}${asHtml(own)}</p>\n`);
}

/** An HTML version with a block at the end of what is read. */
export function atEndOfHtml(html: string, block: string): string {
  const end = html.search(/<\/body\b/i);
  return end < 0 ? html + block : html.slice(0, end) + block + html.slice(end);
}

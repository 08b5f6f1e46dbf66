import { withoutEntities } from '../text/entities.ts';

const BREAKS =
  /^\/?(?:br|hr|p|div|ul|ol|li|h[1-6]|blockquote|tr|table|section|article|header|footer|center|pre|dl|dt|dd)$/;
const SPACES = /^(?:td|th)$/;
/** Elements whose content is no text. */
const UNSHOWN = /^(?:style|script|head|title|template)$/;
/** What mail programs put around the line above a quotation, or around the whole of it. */
const QUOTES =
  /\b(?:gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|moz-email-headers-table)\b/;
const SIGNATURES =
  /\b(?:gmail_signature|moz-signature|AppleMailSignature|ms-outlook-mobile-signature|protonmail_signature_block)\b|\bid="?Signature\b/;
const TAG_NAME = /^<(\/?[a-z][a-z0-9]{0,15})/i;
/** A tag is looked at up to here: a class stands before a long style. */
const LONGEST_TAG = 1_000;

/** The text of HTML in lines, as it is written down tag by tag. */
class Lines {
  private readonly done: string[] = [];
  private line = '';
  private blockquotes = 0;
  /** For each open `div`, whether it holds a quotation. */
  private readonly divs: boolean[] = [];
  private quotingDivs = 0;

  private get isQuoted(): boolean {
    return this.blockquotes > 0 || this.quotingDivs > 0;
  }

  add(text: string): void {
    this.line += text;
  }

  break(): void {
    const text = withoutEntities(this.line).replace(/\s+/g, ' ').trim();
    this.line = '';
    this.done.push(this.isQuoted ? `> ${text}` : text);
  }

  tag(name: string, tag: string): void {
    if (SPACES.test(name)) this.add(' ');
    if (BREAKS.test(name)) this.break();
    if (name === 'blockquote') this.blockquotes++;
    if (name === '/blockquote') this.blockquotes = Math.max(0, this.blockquotes - 1);
    if (name === 'div') {
      const isQuoting = QUOTES.test(tag);
      this.divs.push(isQuoting);
      if (isQuoting) this.quotingDivs++;
    }
    if (name === '/div' && this.divs.pop()) this.quotingDivs--;
    if (name === 'div' && SIGNATURES.test(tag)) {
      this.add('--');
      this.break();
    }
    // A paragraph stands apart from what follows it.
    if (name === '/p') this.break();
  }

  text(): string {
    this.break();
    return this.done.join('\n').replace(/\n{3,}/g, '\n\n');
  }
}

/** Where the content of an element ends that is no text. */
function elementEnd(name: string, html: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

/**
 * The lines of HTML as a person sees them, with `> ` before those of a quotation and `--` above a signature, so that they
 * are read as a plain message is.
 */
export function linesOfHtml(html: string): string {
  const lines = new Lines();
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf('<', at);
    lines.add(html.slice(at, start < 0 ? html.length : start));
    if (start < 0) break;
    const isComment = html.startsWith('<!--', start);
    const end = html.indexOf(isComment ? '-->' : '>', start);
    if (end < 0) break;
    const tag = html.slice(start, Math.min(end + 1, start + LONGEST_TAG));
    const name = (isComment ? undefined : TAG_NAME.exec(tag)?.[1])?.toLowerCase() ?? '';
    lines.tag(name, tag);
    at = UNSHOWN.test(name) ? elementEnd(name, html, end) : end + (isComment ? 3 : 1);
  }
  return lines.text();
}

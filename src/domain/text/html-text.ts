import { withoutEntities } from './entities.ts';

/** A tag without any attribute, or a link: what such tags do to a text can be told in plain text. */
const PLAIN_TAG =
  /^<(\/?(html|head|body|p|br|div|span|b|i|u|em|strong|ul|ol|li|h[1-6]|blockquote|hr|a)|a href="[^"<>]*")\s*\/?>$/i;
const BREAK = /^<(br|hr|\/?(p|div|ul|ol|li|h[1-6]|blockquote|tr|table))\b/i;

/** The text of a piece of HTML, and whether its mark-up does nothing that the text doesn't tell. */
export type HtmlText = { text: string; isPlain: boolean };

/**
 * The words of HTML, with each link's URL behind the link. `isPlain` is false where there is any mark-up beside
 * paragraphs, lists and links: styles can hide words, and pictures can hold them. Nothing here is taken out, so that
 * what isn't understood is at least seen.
 */
export function htmlText(html: string): HtmlText {
  const tags = html.match(/<[^<>]*>/g) ?? [];
  const links: string[] = [];
  const text = html.replace(/[ \t\r\n]+/g, ' ').replace(/<[^<>]*>/g, (tag) => {
    const [, href] = /^<a href="([^"]*)"/i.exec(tag) ?? [];
    if (/^<a\b/i.test(tag)) links.push(href ?? '');
    const url = /^<\/a\b/i.test(tag) ? links.pop() : undefined;
    if (url !== undefined) return ` (${url})`;
    return BREAK.test(tag) ? '\n' : '';
  });
  const rest = html.replace(/<[^<>]*>/g, '');
  return {
    text: withoutEntities(text)
      .replace(/[^\S\n]*\n[^\S\n]*/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    isPlain: tags.every((tag) => PLAIN_TAG.test(tag)) && !/[<>]/.test(rest),
  };
}

/** Whether two texts have the same words in the same order. */
export function readsTheSame(one: string, other: string): boolean {
  const words = (text: string) => text.trim().split(/\s+/).join(' ');
  return words(one) === words(other);
}

/** Plain text as HTML: nothing in it is mark-up, and each of its lines stays one. */
export function asHtml(text: string): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return safe.split(/\r\n?|\n/).join('<br>\n');
}

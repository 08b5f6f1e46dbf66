/** A stranger's text on one line, without what can't be seen. */
export function withoutControls(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, ' ').trim();
}

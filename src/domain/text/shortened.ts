/** A text of at most `longest` characters and what tells of the rest: a longer one is cut, saying how long it is. */
export function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters in all)` : text;
}

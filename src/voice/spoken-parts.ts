/** Where a sentence ends, and where a word does. */
const ENDS = [/[.!?…](?=\s)|[。！？\n]/g, /\s/g];

/** Where the first part of a text ends that is too long: behind its last sentence that fits, else its last word, else anywhere. */
function partEnd(text: string, most: number): number {
  const start = text.slice(0, most);
  for (const end of ENDS) {
    const last = [...start.matchAll(end)].at(-1);
    if (last && last.index > 0) return last.index + 1;
  }
  // No letter of two halves is cut in the middle.
  const isCut = /[\ud800-\udbff]$/.test(start);
  return isCut ? most - 1 : most;
}

/** A text in parts of at most so many characters, each whole sentences where they fit. Empty parts are left out. */
export function spokenParts(text: string, most: number): string[] {
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > most) {
    const end = from + partEnd(text.slice(from, from + most + 1), most);
    parts.push(text.slice(from, end));
    from = end;
  }
  return [...parts, text.slice(from)].filter((part) => part.trim() !== '');
}

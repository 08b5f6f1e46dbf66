const BRACE = '{'.charCodeAt(0);
const PERCENT = '%'.charCodeAt(0);
/** The tag that holds others, one a line. */
const MANY_IN_ONE = /\{%-?\s{0,9}liquid\b/;

/** How many outputs and tags a text has as Liquid; each line counts where one tag may hold many. */
export function openingsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === BRACE || next === PERCENT) count += 1;
  }
  return count > 0 && MANY_IN_ONE.test(text) ? count + text.split('\n').length : count;
}

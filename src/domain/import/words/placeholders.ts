/** What spreadsheets, databases and programs write where there is nothing (contract, section 3), in lower case. */
const NOTHING: ReadonlySet<string> = new Set([
  ...['#n/a', '#na', '#null!', '#ref!', '#value!', '#name?', '#div/0!', '#num!', '#error!', '#nv', '#n/d', '#nd'],
  ...['null', '(null)', '<null>', '[null]', '\\n', 'nil', 'none', '(none)', '<none>', 'undefined', 'n/a', '<na>'],
  ...['-', '--', '---', '–', '—', '(blank)', '(empty)', '(not set)', '[object object]'],
]);
/** Words that stand for nothing as an id or an address, and may be something elsewhere. */
const NO_ID: ReadonlySet<string> = new Set([
  ...['na', 'nan', 'unknown', 'unbekannt', 'inconnu', 'desconocido', 'tbd', 'tba', 'tbc'],
  ...['missing', 'no id', 'not available', 'not set'],
]);
/** What no id is made of alone: `?`, `####` (a column too narrow), `0`, the zero UUID; a spreadsheet's error (`#BEZUG!`). */
const NO_KEY = /^(?:[?.*_#-]+|[{]?[0-]+[}]?|#[^\s#]{1,20}[!?])$/;
const NO_ADDRESS: ReadonlySet<string> = new Set(['na', 'nan', 'unknown', 'no email', 'not available']);
const LONGEST = 15;
/** The first characters of `NOTHING`: most cells are told apart by theirs. */
const FIRST: ReadonlySet<number> = new Set(
  [...NOTHING].flatMap((word) => [word, word.toUpperCase()].map((w) => w.charCodeAt(0))),
);

/** Whether a cell's text stands for an empty cell. */
export function isNothing(text: string): boolean {
  // Most cells are told apart by their length and first character: tables are full of "No".
  if (text.length === 2 && text !== '--') return text === '\\n' || text === '\\N';
  return text.length <= LONGEST && FIRST.has(text.charCodeAt(0)) && NOTHING.has(text.toLowerCase());
}

/** Whether the text of an id stands for none. */
export function isNoId(text: string): boolean {
  return isNothing(text) || NO_KEY.test(text) || NO_ID.has(text.toLowerCase());
}

/** Whether the text of an address stands for none. */
export function isNoAddress(text: string): boolean {
  return isNothing(text) || NO_ADDRESS.has(text.toLowerCase());
}

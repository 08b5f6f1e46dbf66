/** What may stand before the sign that makes a spreadsheet take a cell for a formula: blanks, quotes, unseen characters. */
const FORMULA = /^[\p{C}\p{Z}\s"'`´‘’“”]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\t\r\n]/u;

/** A text that no spreadsheet executes: an apostrophe in front says that it is text. */
function inert(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = inert(typeof value === 'string' ? value : JSON.stringify(value));
  // Where a semicolon or a tab separates cells, what follows one would be a cell of its own.
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row of CSV (RFC 4180), with its line end. */
export function csvRow(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

/**
 * A text that a spreadsheet may run as a formula: it begins with =, +, - or @ (or their wide forms), perhaps after
 * blanks, quotes or characters that can't be seen; or it begins with a tab or line break.
 */
const FORMULA = /^[\p{C}\p{Z}\s"'`´‘’“”]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\t\r\n]/u;

/** A text that no spreadsheet runs as a formula: an apostrophe in front marks it as text. */
function inert(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = inert(typeof value === 'string' ? value : JSON.stringify(value));
  // Some spreadsheets split cells at semicolons or tabs, so a text that holds one is quoted too.
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row of CSV (RFC 4180), with its line end. No spreadsheet runs any of its cells as a formula. */
export function csvRow(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

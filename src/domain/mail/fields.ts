import { type MailMessage, mailParts } from './message.ts';

/** The fields of one block, by their names in lower case, each with its values in their order. */
export type FieldBlock = ReadonlyMap<string, readonly string[]>;

const LONGEST_VALUE = 2_000;
const MOST_LINES = 2_000;
const FIELD_NAME = /^([!-9;-~]{1,80})[ \t]{0,8}:/;
/** Parts that hold a returned message, or its head alone (RFC 6522, and RFC 6533 for addresses outside ASCII). */
const RETURNED = ['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'];

function fieldsOf(lines: readonly string[]): FieldBlock {
  const fields = new Map<string, string[]>();
  let last: string[] = [];
  for (const line of lines) {
    const [start = '', name] = FIELD_NAME.exec(line) ?? [];
    if (name === undefined || /^[ \t]/.test(line)) {
      const value = last.pop();
      if (value !== undefined) last.push(`${value} ${line.trim()}`.slice(0, LONGEST_VALUE));
      continue;
    }
    last = fields.get(name.toLowerCase()) ?? [];
    last.push(line.slice(start.length).trim().slice(0, LONGEST_VALUE));
    fields.set(name.toLowerCase(), last);
  }
  return fields;
}

/** Blocks of `Name: value` lines with empty lines between them, as reports and heads of messages have them. */
export function fieldBlocks(text: string): FieldBlock[] {
  const blocks: string[][] = [[]];
  for (const line of text.split(/\r\n?|\n/, MOST_LINES)) {
    if (line.trim() === '') blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.map(fieldsOf).filter((fields) => fields.size > 0);
}

/** The heads of the messages that a report returns. */
export function returnedHeads(message: Pick<MailMessage, 'parts'>): FieldBlock[] {
  return mailParts(message, RETURNED).flatMap(({ text }) => fieldBlocks(text).slice(0, 1));
}

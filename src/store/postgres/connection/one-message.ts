import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { isObject } from '../../../domain/base/json.ts';
import { withinTime } from './within-time.ts';

const freshMark = () => `$c${randomBytes(12).toString('hex')}$`;

/** Nobody can foresee it, and it is drawn again where a text has it after all. */
let mark = freshMark();

/** A text as SQL has it, between dollar quotes that aren't in it: nothing in it can end it. */
export function dollarQuoted(text: string): string {
  while (`${text}${mark}`.indexOf(mark) < text.length) mark = freshMark();
  return `${mark}${text}${mark}`;
}

function rowsOfAnswer(answer: unknown): unknown[] {
  return isObject(answer) && Array.isArray(answer.rows) ? answer.rows : [];
}

/**
 * Sends several statements as one message, and gives the rows of each. A message has no parameters: texts go through `dollarQuoted`.
 * With `bytes` of them, its answer has to come in time. A message costs two wake-ups of a process, and they cost more than a
 * short statement does.
 */
export async function inOneMessage(
  client: Client,
  statements: readonly string[],
  bytes?: number,
): Promise<unknown[][]> {
  const text = statements.join('; ');
  const answers: unknown = await client.query(bytes === undefined ? text : withinTime(text, [], bytes));
  return (Array.isArray(answers) ? answers : [answers]).map(rowsOfAnswer);
}

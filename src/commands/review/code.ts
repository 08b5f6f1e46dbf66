import { randomInt } from 'node:crypto';
import type { Terminal } from './terminal.ts';

/** Letters and digits that can't be taken for another one. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const CODE_LENGTH = 4;

/** Whether the person types the code that was just made, after they saw what it is for. `otherwise` is said where not. */
export async function typesCode(terminal: Terminal, otherwise = 'Nothing was decided.'): Promise<boolean> {
  const code = Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const typed = await terminal.ask(`  Type ${terminal.paint('bold', code)} to go ahead, anything else to go back: `);
  if (typed.toLowerCase() === code) return true;
  terminal.say(`  ${typed === '' ? '' : 'That is not the code. '}${otherwise}`);
  return false;
}

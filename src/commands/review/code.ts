import { randomInt } from 'node:crypto';
import type { Terminal } from './terminal.ts';

/** Letters and digits that can't be taken for another one. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const CODE_LENGTH = 4;

/** Whether the person types the code that was just made: what they saw stands above it on the screen. */
export async function asksForCode(terminal: Terminal, otherwise: string): Promise<boolean> {
  const code = Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const typed = await terminal.ask(`  Type ${terminal.paint('bold', code)} to go ahead, anything else to go back: `);
  if (typed.toLowerCase() === code) return true;
  terminal.say(`  ${typed === '' ? '' : 'That is not the code. '}${otherwise}`);
  return false;
}

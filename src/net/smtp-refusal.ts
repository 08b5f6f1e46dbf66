import { speaksOfAddress } from '../domain/mail/words/refusal-words.ts';
import { LOGIN_CODES, type MailProblem } from './smtp-words.ts';

/**
 * Whether a reply refuses the recipient's address for good, so that no further email goes there: a 5xx to RCPT that
 * speaks neither of the login, the protocol nor the sender.
 */
export function refusesAddress({ status = 0, enhanced = '', command, reply }: MailProblem): boolean {
  if (command !== 'RCPT TO' || status < 500 || LOGIN_CODES.has(status)) return false;
  return speaksOfAddress({ code: status, enhanced, words: reply });
}

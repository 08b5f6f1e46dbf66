import type { BlockingFlag } from '../contacts/contact.ts';
import { consentName } from './words/consent-names.ts';
import { consentWord } from './words/consent-words.ts';
import { plain } from './words/plain.ts';

/**
 * How a column's cells are read for a flag. `own`: as the flag itself. `inverted`: mapped to the flag, but the column
 * asks for an agreement. `key`: as the flag, but holds ids or addresses, so that other words say nothing. `in`: asks for an agreement. `status`: holds one of many words; `mail_status`: about email.
 */
type How = 'own' | 'inverted' | 'key' | 'in' | 'status' | 'mail_status';

/** A column that may set a flag. `isGuess`: its name says so, and neither mapping nor the flag's own name. */
export type FlagStep = {
  column: string;
  flag: BlockingFlag;
  how: How;
  isGuess: boolean;
  /** The mapping files the column as a field that says nothing of consent: what it objects to isn't read, and counted. */
  isWaived?: true;
  /** Whether a row of the import had a value here. Reading sets it. */
  filled?: boolean;
  /** What the texts seen so far say: such columns hold few different ones. */
  memo?: Map<string, FlagSaid | undefined>;
};

/**
 * What a cell says. `set` and `unknown` set the flag, the second by a word that isn't known. `clear` says no; `unasked`
 * and `disagreed` set nothing, and are told.
 */
export type FlagVerdict = { flag: BlockingFlag; what: 'set' | 'unknown' | 'clear' | 'unasked' | 'disagreed' };

/** What one cell says of a flag, and so where the flag comes from. */
export type FlagSaid = FlagVerdict & { column: string; value: string; isGuess: boolean; isWaived?: true };

/** Columns whose cells answer the question of a flag. */
const ANSWERS: ReadonlySet<How> = new Set(['own', 'inverted', 'key']);
const LONGEST_STATUS = 200;
const OF_EMAIL = /market|e ?mail|subscri|consent|newsletter|mailing/;
const EMAIL: BlockingFlag = 'do_not_email';

export function mappedFlag(column: string, flag: BlockingFlag): FlagStep {
  return { column, flag, how: consentName(column) === 'in' ? 'inverted' : 'own', isGuess: false };
}

/** The step of a column whose name looks like an objection, an agreement or a status; undefined for any other. */
export function guessedFlag(column: string, isStage: boolean): FlagStep | undefined {
  const name = consentName(column) ?? (isStage ? 'status' : undefined);
  if (name === undefined) return undefined;
  if (name === 'bounced') return { column, flag: 'bounced', how: 'own', isGuess: true };
  if (name === 'out') return { column, flag: EMAIL, how: 'own', isGuess: true };
  if (name === 'in') return { column, flag: EMAIL, how: 'in', isGuess: true };
  return { column, flag: EMAIL, how: OF_EMAIL.test(plain(column)) ? 'mail_status' : 'status', isGuess: true };
}

function judgeAnswer({ flag, how }: FlagStep, cell: unknown): FlagVerdict | undefined {
  const word = consentWord(cell);
  if (word === 'nothing' || (word === 'unknown' && how === 'key')) return undefined;
  if (word === 'unknown' || word === 'unasked') return { flag, what: word };
  const isObjection = word === 'out' || word === 'bounced' || word === (how === 'inverted' ? 'no' : 'yes');
  return { flag, what: isObjection ? 'set' : 'clear' };
}

/** What a text of a status, or of an agreement, says: the words themselves name an objection or a bounce. */
function judgeStatus({ flag, how }: FlagStep, cell: unknown): FlagVerdict | undefined {
  const word = how === 'status' ? undefined : consentWord(cell);
  if (word === 'out') return { flag, what: 'set' };
  if (word === 'bounced') return { flag: 'bounced', what: 'set' };
  if (word === 'unasked') return { flag, what: word };
  if (how === 'in' && word === 'no') return { flag, what: 'disagreed' };
  const name = typeof cell === 'string' && cell.length <= LONGEST_STATUS ? consentName(cell) : undefined;
  if (name === 'out') return { flag, what: 'set' };
  return name === 'bounced' ? { flag: 'bounced', what: 'set' } : undefined;
}

function judgeScalar(step: FlagStep, cell: unknown): FlagVerdict | undefined {
  return ANSWERS.has(step.how) ? judgeAnswer(step, cell) : judgeStatus(step, cell);
}

/** What a cell says by its step; of a list, the first item that objects. */
export function judge(step: FlagStep, cell: unknown): FlagVerdict | undefined {
  if (Array.isArray(cell) && cell.length > 0) {
    const verdicts = cell.slice(0, LONGEST_STATUS).flatMap((item) => judgeScalar(step, item) ?? []);
    return verdicts.find(({ what }) => what === 'set' || what === 'unknown') ?? verdicts[0];
  }
  return judgeScalar(step, cell);
}

import type { BlockingFlag } from '../contacts/contact.ts';
import { excerpt } from './raw-row.ts';
import { consentName, itemSays, itemsIn } from './words/consent-names.ts';
import { type ConsentWord, consentWord } from './words/consent-words.ts';
import { plain } from './words/plain.ts';

/**
 * How a column's cells are read for a flag. `own`: as the flag itself. `inverted`: mapped to the flag, but the column
 * asks for an agreement. `key`: as the flag, but holds ids or addresses, so that other words say nothing. `in`: asks for
 * an agreement. `status`: holds one of many words; `mail_status`: about email. `unasked`: says by a yes that nobody asked.
 */
type How = 'own' | 'inverted' | 'key' | 'in' | 'status' | 'mail_status' | 'unasked';

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
const MOST_ITEMS = 1_000;
/** How many texts a column's step remembers: such columns hold few different ones. */
const MOST_REMEMBERED = 5_000;
const OF_EMAIL =
  /market|e ?mail|subscri|consent|newsletter|mailing|abo(?:nnement)?status|communication|notification|permission/;
/** Columns that hold whether somebody is on a list, or asked: there "active" says yes. */
const LISTING = /suppress|list|block|dnd|request|quarantin|suspend|objection|ban(?:ned)?(?: |$)/;
const EMAIL: BlockingFlag = 'do_not_email';

export function mappedFlag(column: string, flag: BlockingFlag): FlagStep {
  if (consentWord(column) === 'unasked') return { column, flag, how: 'own', isGuess: false };
  return { column, flag, how: consentName(column) === 'in' ? 'inverted' : 'own', isGuess: false };
}

/** The step of a column whose name looks like an objection, an agreement or a status; undefined for any other. */
export function guessedFlag(column: string, isStage: boolean): FlagStep | undefined {
  if (consentWord(column) === 'unasked') return { column, flag: EMAIL, how: 'unasked', isGuess: true };
  const name = consentName(column) ?? (isStage ? 'status' : undefined);
  if (name === undefined) return undefined;
  if (name === 'bounced') return { column, flag: 'bounced', how: 'own', isGuess: true };
  if (name === 'out') return { column, flag: EMAIL, how: 'own', isGuess: true };
  if (name === 'in') return { column, flag: EMAIL, how: 'in', isGuess: true };
  return { column, flag: EMAIL, how: OF_EMAIL.test(plain(column)) ? 'mail_status' : 'status', isGuess: true };
}

/** The words that clear a flag: those of the contract alone, any other sets it. */
function clears({ flag, how, column }: FlagStep, word: ConsentWord): boolean {
  if (how === 'inverted') return word === 'in' || word === 'yes' || word === 'agreed';
  return word === 'no' || (word === 'in' && !LISTING.test(plain(column))) || (word === 'reached' && flag === 'bounced');
}

function judgeAnswer(step: FlagStep, cell: unknown): FlagVerdict | undefined {
  const { flag, how } = step;
  const word = consentWord(cell);
  if (word === 'unknown' && how === 'key') return undefined;
  if (word === 'unasked') return { flag, what: word };
  if (clears(step, word)) return { flag, what: 'clear' };
  const isObjection = how === 'inverted' ? word === 'no' || word === 'refused' : word === 'yes';
  return { flag, what: isObjection || word === 'out' || word === 'bounced' ? 'set' : 'unknown' };
}

/** What an item of a status, or of an agreement, says: the words themselves name an objection or a bounce. */
function judgeItem({ flag, how }: FlagStep, item: unknown): FlagVerdict | undefined {
  const word = consentWord(item);
  const isGeneral = how === 'status';
  if (word === 'nothing') return undefined;
  if (word === 'unasked' || (!isGeneral && word === 'out')) return { flag, what: word === 'out' ? 'set' : word };
  if (!isGeneral && word === 'bounced') return { flag: 'bounced', what: 'set' };
  if (!isGeneral && (word === 'no' || word === 'refused')) return { flag, what: 'disagreed' };
  const name = typeof item === 'string' ? itemSays(item) : undefined;
  if (name === 'out') return { flag, what: 'set' };
  return name === 'bounced' ? { flag: 'bounced', what: 'set' } : undefined;
}

const ORDER = ['set', 'unknown', 'disagreed', 'unasked', 'clear'] as const;

/** Of what several items say, the worst. */
function worst(verdicts: readonly FlagVerdict[]): FlagVerdict | undefined {
  for (const what of ORDER) {
    const found = verdicts.find((verdict) => verdict.what === what);
    if (found) return found;
  }
  return undefined;
}

function judgeScalar(step: FlagStep, cell: unknown): FlagVerdict | undefined {
  if (consentWord(cell) === 'nothing') return undefined;
  if (step.how === 'unasked') return consentWord(cell) === 'yes' ? { flag: step.flag, what: 'unasked' } : undefined;
  if (ANSWERS.has(step.how)) return judgeAnswer(step, cell);
  // A text may be a list: each item says what it says. A date has commas and is none.
  const isList = typeof cell === 'string' && consentWord(cell) === 'unknown';
  return isList ? worst(itemsIn(cell).flatMap((item) => judgeItem(step, item) ?? [])) : judgeItem(step, cell);
}

/** What a cell says by its step; of a list, the item that objects. */
export function judge(step: FlagStep, cell: unknown): FlagVerdict | undefined {
  if (!Array.isArray(cell) || cell.length === 0) return judgeScalar(step, cell);
  return worst(cell.slice(0, MOST_ITEMS).flatMap((item) => judgeScalar(step, item) ?? []));
}

/** A cell as a flag's source keeps it: at most 80 characters, and no half of one. */
function shortText(cell: unknown): string {
  return typeof cell === 'string' ? cell.slice(0, 80).replace(/[\ud800-\udbff]$/, '') : excerpt(cell);
}

function saidBy(step: FlagStep, cell: unknown): FlagSaid | undefined {
  const verdict = judge(step, cell);
  const { column, isGuess, isWaived } = step;
  return verdict && { ...verdict, column, value: shortText(cell), isGuess, ...(isWaived ? { isWaived } : {}) };
}

/** What a cell says by its step; the same object for the same text, because most rows say the same. */
export function cellSays(step: FlagStep, cell: unknown): FlagSaid | undefined {
  if (typeof cell !== 'string') return saidBy(step, cell);
  const memo = step.memo ?? new Map<string, FlagSaid | undefined>();
  step.memo = memo;
  const known = memo.get(cell);
  if (known !== undefined || memo.has(cell)) return known;
  const said = saidBy(step, cell);
  if (memo.size < MOST_REMEMBERED) memo.set(cell, said);
  return said;
}

/** Whether a cell sets its flag. */
export function sets({ what }: FlagVerdict): boolean {
  return what === 'set' || what === 'unknown';
}

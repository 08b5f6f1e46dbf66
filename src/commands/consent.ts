import { parseArgs } from 'node:util';
import { visible, visibleAddress } from '../domain/text/visible.ts';
import type { House } from '../engine/base/house.ts';
import {
  type Liftable,
  type LiftRow,
  type LiftWanted,
  liftable,
  liftConsent,
  liftWanted,
} from '../engine/contacts/lift-consent.ts';
import type { Settings } from '../process/environment.ts';
import { atTerminal, commandAuthor } from './at-terminal.ts';
import { typesCode } from './review/code.ts';
import type { Terminal } from './review/terminal.ts';

const OPTIONS = { source: { type: 'string' } } as const;
const USAGE =
  'countersign consent ADDRESS lifts the objections of an address; --source COLUMN@IMPORT those that one column of one import alone has set.';
const CONSENT = { name: 'consent', nothing: 'Nothing was lifted.' };
const EXAMPLES = 10;
const LONGEST = 200;

function wantedOf(args: readonly string[]): LiftWanted | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (positionals.length > 1) return `It takes one address. ${USAGE}`;
    const wanted = liftWanted(positionals[0], values.source);
    return typeof wanted === 'string' ? `${wanted} ${USAGE}` : wanted;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} ${USAGE}`;
  }
}

function short(text: string): string {
  const line = visible(text).replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function rowLines({ id, email, flags, sources }: LiftRow): string[] {
  const who = `  ${short(id)}${email === undefined ? '' : `, ${visibleAddress(email)}`}: ${flags.join(', ')}`;
  const from = sources.map(
    ({ flag, column, value, import_id, at }) =>
      `    ${flag}: ${short(column)} says ${short(JSON.stringify(value))} (${short(import_id)}, ${at.slice(0, 10)})`,
  );
  return [who, ...(sources.length > 0 ? from : ['    set before sources were kept, or without one'])];
}

/** What would be lifted, as the person reads it: how many, and the first ten. */
function shown(wanted: LiftWanted, { rows, kept }: Liftable): string {
  const whose =
    'address' in wanted
      ? `by the address ${visibleAddress(wanted.address)}`
      : `by the column ${short(wanted.column)} of ${short(wanted.import_id)} alone`;
  const more = rows.length - EXAMPLES;
  return [
    `${rows.length} ${rows.length === 1 ? 'contact has' : 'contacts have'} an objection ${whose}:`,
    ...rows.slice(0, EXAMPLES).flatMap(rowLines),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(kept.length > 0
      ? [`  kept from a contact that was erased, or has another address now: ${kept.join(', ')}`]
      : []),
    'Who asked not to be written to can be written to again afterwards.',
  ].join('\n');
}

async function lift(house: House, terminal: Terminal, wanted: LiftWanted): Promise<number> {
  const seen = await liftable(house, wanted);
  if (seen.rows.length === 0 && seen.kept.length === 0) {
    terminal.say('Nothing to lift: no contact has such an objection.');
    return 1;
  }
  terminal.say(shown(wanted, seen));
  if (!(await typesCode(terminal, CONSENT.nothing))) return 1;
  const { rows } = await liftConsent(house, commandAuthor(CONSENT.name), wanted, seen.digest);
  terminal.say(`Lifted for ${rows.length} ${rows.length === 1 ? 'contact' : 'contacts'}. The decision log keeps it.`);
  return 0;
}

/** Has the person at the terminal lift objections of an address, or of one column of one import. Gives the exit code. */
export async function consent(
  settings: Settings,
  args: readonly string[],
  tell: (text: string) => void,
): Promise<number> {
  const wanted = wantedOf(args);
  if (typeof wanted === 'string') return atTerminal(CONSENT, settings, { problem: wanted, tell }, async () => 1);
  return atTerminal(CONSENT, settings, { tell }, (house, terminal) => lift(house, terminal, wanted));
}

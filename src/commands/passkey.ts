import { parseArgs } from 'node:util';
import { remoteHomeOf } from '../connect.ts';
import { LONGEST_PASSKEY_NAME } from '../domain/decisions/passkey.ts';
import { visible } from '../domain/text/visible.ts';
import type { House } from '../engine/base/house.ts';
import { whySignedRemoval } from '../engine/passkeys/by-hand.ts';
import { type PasskeyAsShown, passkeysOf, passkeysOfOthers, removePasskey } from '../engine/passkeys/enrol.ts';
import { homeTokens } from '../process/tokens.ts';
import { agreesAtTerminal, atTerminal, commandAuthor } from './at-terminal.ts';
import { howToType } from './help.ts';
import { typesCode } from './review/code.ts';
import { PersonLeft, type Terminal } from './review/terminal.ts';
import { type DeskWish, demandBrowser, goToDesk, goToDeskElsewhere } from './to-desk.ts';

const COMMAND = { name: 'passkey', nothing: 'No passkey was touched.' };
const ADDING =
  'The desk opens in your browser, where your device makes the passkey: the first of yours by this alone, another one with one that is there.';

const ADDING_ELSEWHERE =
  'The desk of that home opens in your browser, where your device makes the passkey: the first of yours by the button there, which its desk and its log say, another one with one that is there.';

type PasskeyWish = Omit<DeskWish, 'isPrinted'>;

function refused({ output }: PasskeyWish, why: string): number {
  output.tell(`${visible(why)}\n`);
  return 1;
}

/** Has the person agree by a code, then brings them to the page where their device makes the passkey: here, or where a URL says. */
async function add(given: PasskeyWish, args: readonly string[]): Promise<number> {
  const options = { print: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const isElsewhere = /^https?:/i.test(positionals[0] ?? '');
  const name = positionals
    .slice(isElsewhere ? 1 : 0)
    .join(' ')
    .trim();
  if (name.length > LONGEST_PASSKEY_NAME || visible(name) !== name)
    return refused(given, `A passkey's name has at most ${LONGEST_PASSKEY_NAME} characters, all of them visible.`);
  const wish: DeskWish = { ...given, isPrinted: values.print };
  const { settings, output } = given;
  const remote = isElsewhere ? remoteHomeOf('passkey add', positionals.slice(0, 1), settings.env) : undefined;
  const what = remote ? ADDING_ELSEWHERE : ADDING;
  if (!(await agreesAtTerminal(COMMAND, settings, { what, tell: output.tell }))) return 1;
  if (!demandBrowser(wish)) return 1;
  const named = name === '' ? {} : { name };
  if (remote === undefined) return goToDesk(wish, { kind: 'passkey', ...named });
  return goToDeskElsewhere(wish, remote, { passkey: named });
}

/** What the people of a home are called, by their ids, as far as its tokens tell. */
async function namesIn(house: House, home: string): Promise<Map<string, string>> {
  const tokens = await homeTokens(house.store, home).all();
  return new Map(tokens.map(({ person, name }) => [person, name]));
}

type AnyPasskey = PasskeyAsShown & { person?: string };

function line({ id, name, added_at, used_at, by_button, person }: AnyPasskey, names: Map<string, string>): string {
  const used = used_at === undefined ? 'not used yet' : `last used ${used_at}`;
  const how = by_button ? ['added by the button of the desk'] : [];
  const whose = person === undefined ? [] : [`of ${visible(names.get(person) ?? person)}`];
  return [visible(id), visible(name), ...whose, `added ${added_at}`, used, ...how].join(' · ');
}

/** The person's own passkeys, and those of the others of the home, which its owner removes where they are lost. */
async function passkeysHere(house: House): Promise<AnyPasskey[]> {
  const by = commandAuthor(COMMAND.name);
  return house.read((view) => [...passkeysOf(view, by).passkeys, ...passkeysOfOthers(view, by)]);
}

async function list(house: House, terminal: Terminal, names: Map<string, string>): Promise<number> {
  const { passkeys, signing } = await house.read((view) => passkeysOf(view, commandAuthor(COMMAND.name)));
  if (passkeys.length === 0) terminal.say('You have no passkey yet: countersign passkey add');
  for (const passkey of await passkeysHere(house)) terminal.say(line(passkey, names));
  terminal.say(`Whatever leaves the machine ${signing ? 'has to be signed' : 'needs no signature'}.`);
  return 0;
}

async function remove(house: House, terminal: Terminal, id: string, names: Map<string, string>): Promise<number> {
  const found = (await passkeysHere(house)).find((passkey) => passkey.id === id);
  if (!found) {
    terminal.say(`There is no passkey with the id "${visible(id)}". countersign passkey list shows them.`);
    return 1;
  }
  terminal.say(line(found, names));
  const why = await house.read(whySignedRemoval);
  if (why !== undefined) {
    terminal.say(visible(`It stays: ${why}, so only a passkey removes one.`));
    terminal.say('Remove it at the desk, where you sign for that: countersign open');
    return 1;
  }
  terminal.say('It can sign nothing any more afterwards. What it has signed stays in the decision log.');
  if (found.person !== undefined) terminal.say('Whoever has it adds another one by the button of their desk.');
  if (!(await typesCode(terminal, COMMAND.nothing))) return 1;
  await removePasskey(house, commandAuthor(COMMAND.name), { id, via: 'human' });
  terminal.say('It is removed. The decision log keeps it.');
  return 0;
}

/** `countersign passkey`: adds, lists and removes the passkeys of the home's owner, at a terminal. Returns the exit code. */
export async function managePasskeys(args: readonly string[], given: PasskeyWish): Promise<number> {
  const { settings, output } = given;
  const [verb = '', ...rest] = args;
  const atHouse = (work: (house: House, terminal: Terminal) => Promise<number>, problem?: string) =>
    atTerminal(COMMAND, settings, { problem, tell: output.tell }, work);
  try {
    if (verb === 'add') return await add(given, rest);
    if (verb === 'list')
      return await atHouse(
        async (house, terminal) => list(house, terminal, await namesIn(house, settings.home)),
        rest.length > 0 ? howToType('passkey') : undefined,
      );
    const [id = '', ...more] = rest;
    const isWhole = verb === 'remove' && id !== '' && more.length === 0;
    return await atHouse(
      async (house, terminal) => remove(house, terminal, id, await namesIn(house, settings.home)),
      isWhole ? undefined : howToType('passkey'),
    );
  } catch (error) {
    if (error instanceof PersonLeft) return error.code;
    return refused(given, `${error instanceof Error ? error.message : String(error)}\n${howToType('passkey')}`);
  }
}

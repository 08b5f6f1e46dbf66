import { VERSION } from '../domain/base/version.ts';
import { visible } from '../domain/text/visible.ts';
import type { House } from '../engine/base/house.ts';
import { depsOf, userName } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { closeHouse, openHouse } from '../process/house.ts';
import { assistantShell } from './assistant-shells.ts';
import { typesCode } from './review/code.ts';
import { openTerminal, PersonLeft, type Terminal } from './review/terminal.ts';

/** The process ends after this long, even where something, such as a server's open connection, keeps it alive. */
const HARD_EXIT_MS = 500;

/** A command that takes a person's word: its name, and what to say when it does nothing, such as "Nothing was decided." */
export type PersonCommand = { name: string; nothing: string };

/** Who does what a command does. No client of the protocol can have this name: `clientAsSaid` tells it as said. */
export function commandAuthor(name: string) {
  return { user: userName(), client: `countersign ${name} ${VERSION}` };
}

/** A house whose log stays silent unless the person asks for it, so that no log line stands among a command's words. */
export async function quietHouse(settings: Settings): Promise<House> {
  return openHouse(settings, depsOf({ ...settings, logLevel: settings.env.COUNTERSIGN_LOG ?? 'silent' }));
}

/** Why a command that takes a person's word can't be run here; undefined where it can. */
function problemHere({ name, nothing }: PersonCommand, settings: Settings): string | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    return `countersign ${name} works in a terminal only: stdin and stdout must both be a terminal. ${nothing} Run it in a terminal, without pipes.`;
  const shell = assistantShell(name, settings.env);
  if (shell !== undefined) return shell;
  return settings.readOnly ? `COUNTERSIGN_READ_ONLY=1 is set. ${nothing} Unset it.` : undefined;
}

/**
 * Does the work of a command that takes a person's word, where there is a person: at a terminal, and not in the shell of
 * an assistant. `problem` is what is wrong with the command's arguments, if anything. Returns the exit code; an error is
 * told by `tell`, and is 1.
 */
export async function atTerminal(
  command: PersonCommand,
  settings: Settings,
  { problem, tell }: { problem?: string | undefined; tell: (text: string) => void },
  work: (house: House, terminal: Terminal) => Promise<number>,
): Promise<number> {
  const refuse = (why: string) => {
    tell(`${visible(why)}\n`);
    return 1;
  };
  const why = problemHere(command, settings) ?? problem;
  if (why !== undefined) return refuse(why);
  const house = await quietHouse(settings);
  const terminal = openTerminal(settings.env, house.end);
  try {
    return await work(house, terminal);
  } catch (error) {
    if (error instanceof PersonLeft) return error.code;
    return refuse(error instanceof Error ? error.message : String(error));
  } finally {
    await closeHouse(house);
    terminal.close();
    setTimeout(() => process.exit(), HARD_EXIT_MS).unref();
  }
}

/**
 * Has the person at the terminal type a code before a command goes on, with the terminal closed again. `what` says what they
 * agree to. Gives whether they did; why not is told by `tell`. Throws PersonLeft.
 */
export async function agreesAtTerminal(
  command: PersonCommand,
  settings: Settings,
  { what, tell }: { what: string; tell: (text: string) => void },
): Promise<boolean> {
  const why = problemHere(command, settings);
  if (why !== undefined) {
    tell(`${visible(why)}\n`);
    return false;
  }
  const terminal = openTerminal(settings.env, () => undefined);
  try {
    terminal.say(what);
    return await typesCode(terminal, command.nothing);
  } finally {
    terminal.close();
  }
}

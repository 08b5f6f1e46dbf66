import { visible } from '../domain/text/visible.ts';
import type { House } from '../engine/base/house.ts';
import { LONGEST_REASON, readBrake, setBrake, waitingLines } from '../engine/review/set-brake.ts';
import { dataPlace } from '../process/database.ts';
import type { Settings } from '../process/environment.ts';
import { closeHouse } from '../process/house.ts';
import { atTerminal, commandAuthor, quietHouse } from './at-terminal.ts';
import { typesCode } from './review/code.ts';
import { table } from './review/layout.ts';
import type { Terminal } from './review/terminal.ts';

/** Where a command writes: `say` to stdout, `tell` to stderr. */
export type Output = { say: (text: string) => void; tell: (text: string) => void };

const RESUME = { name: 'resume', nothing: 'The brake was not touched.' };
const READ_ONLY = 'COUNTERSIGN_READ_ONLY=1 is set, so nothing can be changed. Unset it.';

/** Does a command's work in a house, and ends it. An error is told, and is exit code 1. */
async function inHouse(settings: Settings, tell: Output['tell'], work: (house: House) => Promise<number>) {
  const house = await quietHouse(settings);
  try {
    return await work(house);
  } catch (error) {
    tell(`${visible(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  } finally {
    await closeHouse(house);
  }
}

/** Puts the brake on. It takes no proof: whoever can run this may stop everything. Returns the exit code. */
export async function pauseAll(settings: Settings, args: readonly string[], { say, tell }: Output): Promise<number> {
  const problem =
    (settings.readOnly ? READ_ONLY : undefined) ??
    (args[0]?.startsWith('-') ? 'countersign pause takes a reason in plain words, and nothing else.' : undefined);
  if (problem !== undefined) {
    tell(`${problem}\n`);
    return 1;
  }
  const reason = args.join(' ').trim().slice(0, LONGEST_REASON);
  return inHouse(settings, tell, async (house) => {
    const before = await readBrake(house);
    const {
      since,
      by,
      reason: why,
    } = await setBrake(house, commandAuthor('pause'), { on: true, reason, via: 'client' });
    say(`The brake ${before.on ? 'was on already' : 'is on'}, in ${visible(dataPlace(settings))}.\n`);
    say(`  since ${since}, put on by ${visible(by ?? '')}${why === undefined ? '' : `: ${visible(why)}`}\n`);
    say('Nothing is evaluated, fired or executed by any process. An attempt that had begun ends by itself.\n');
    say('Run countersign resume in a terminal to take it off.\n');
    return 0;
  });
}

async function resumeAt(terminal: Terminal, house: House, place: string): Promise<number> {
  const lines = await house.read((view) => (view.brake().on ? waitingLines(view) : undefined));
  if (!lines) {
    terminal.say(`The brake is off in ${visible(place)}: there is nothing to resume.`);
    return 0;
  }
  terminal.say(`The brake is on in ${visible(place)}`);
  const rows = lines.map(([label, text]) => [label, visible(text)] satisfies [string, string]);
  terminal.say(table(rows, terminal.width(), terminal.paint));
  if (!(await typesCode(terminal))) return 1;
  await setBrake(house, commandAuthor(RESUME.name), { on: false, via: 'human' });
  terminal.say('The brake is off. What was approved is looked at again and done within seconds, where a server runs;');
  terminal.say('else by the next one that starts.');
  return 0;
}

/** Takes the brake off, if the person at the terminal types a code. Returns the exit code. */
export async function resumeAll(settings: Settings, args: readonly string[], { tell }: Output): Promise<number> {
  const problem = args.length > 0 ? `countersign resume takes nothing, not "${args.join(' ')}".` : undefined;
  return atTerminal(RESUME, settings, { problem, tell }, (house, terminal) =>
    resumeAt(terminal, house, dataPlace(settings)),
  );
}

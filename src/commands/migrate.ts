import { parseArgs } from 'node:util';
import { visible } from '../domain/text/visible.ts';
import type { Settings } from '../process/environment.ts';
import { type EndedMove, isDatabase, moveTo } from '../process/move.ts';
import type { Output } from './brake.ts';
import { howToType } from './help.ts';

/** Where the arguments say that the home is to go; undefined where they don't say it. */
function placeIn(args: readonly string[]): string | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { to: { type: 'string' } } });
    return values.to === undefined || values.to === '' ? undefined : values.to;
  } catch {
    // What was typed may hold a password, so that it isn't repeated.
    return undefined;
  }
}

/** How the home is used from now on. */
function wayOn(to: string): string {
  return isDatabase(to)
    ? `Set COUNTERSIGN_DATABASE_URL to that database for every process of Countersign.`
    : `Set COUNTERSIGN_HOME to that folder, without COUNTERSIGN_DATABASE_URL, for every process of Countersign.`;
}

function toldOf({ from, to, commits, wasComplete }: EndedMove): string {
  const first = wasComplete
    ? `The home of ${from} is in ${to}: the move is complete, and nothing was left to be done.`
    : `The home of ${from} is in ${to} now: ${commits} commit(s), each compared with its original. The move is complete.`;
  return `${first}\nNothing is written to ${from} any more. ${wayOn(to)}\ncountersign audit verifies it there.\n`;
}

/** Moves the home into a database, or out of one. Returns the exit code: 1 where it didn't get there. */
export async function migrateHome(settings: Settings, args: readonly string[], { say, tell }: Output): Promise<number> {
  const to = placeIn(args);
  if (to === undefined) {
    tell(`countersign migrate takes where the home is to go:\n${howToType('migrate')}\n`);
    return 1;
  }
  if (settings.readOnly) {
    tell('COUNTERSIGN_READ_ONLY=1 is set, so nothing can be changed. Unset it.\n');
    return 1;
  }
  try {
    say(visible(toldOf(await moveTo(settings, to, tell))));
    return 0;
  } catch (error) {
    tell(`${visible(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
}

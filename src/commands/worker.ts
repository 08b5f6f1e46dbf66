import type { House } from '../engine/base/house.ts';
import { endAtSignals, keepWorking } from '../process/background.ts';
import { depsOf } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { closeHouse, openHouse } from '../process/house.ts';

const HARD_EXIT_MS = 1_800;
/** What a worker waits for keeps no process alive, so a timer does: it has nothing to do. */
const FOREVER_MS = 2 ** 30;

function problemOf({ readOnly }: Settings, args: readonly string[]): string | undefined {
  if (args.length > 0) return 'countersign worker takes no arguments. See countersign worker --help.';
  return readOnly ? 'COUNTERSIGN_READ_ONLY=1 is set, and a worker changes what it works on. Unset it.' : undefined;
}

/** Ends the process at a signal, within 2 s: what is under way has its outcome written, and its lease goes. */
function endInOrder(house: House): void {
  const stopWorking = keepWorking(house, true);
  const alive = setInterval(() => undefined, FOREVER_MS);
  let ending = false;
  const end = (why: string, code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    house.deps.log.debug({ why }, 'ending');
    clearInterval(alive);
    stopWorking();
    closeHouse(house).finally(() => process.exit(code));
  };
  endAtSignals(end, house.deps.log);
}

/**
 * `countersign worker`: one more process on the home, which evaluates and executes until it is told to end, and answers
 * nobody. Throws where the home can't be used.
 */
export async function workUntilEnd(
  settings: Settings,
  args: readonly string[],
  tell: (text: string) => void,
): Promise<void> {
  const problem = problemOf(settings, args);
  if (problem !== undefined) throw new Error(problem);
  const house = await openHouse(settings, depsOf(settings));
  try {
    await house.read((view) => view.commits());
    await house.store.renew();
  } catch (error) {
    await closeHouse(house);
    throw error;
  }
  endInOrder(house);
  tell(`worker ${house.store.holder} ready\n`);
}

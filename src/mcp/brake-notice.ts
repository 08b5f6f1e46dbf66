import type { House } from '../engine/base/house.ts';
import { BRAKE_TOOL, brakeSentence, RESUME_COMMAND } from '../engine/gate/brake.ts';

type Result = Record<string, unknown>;

/** Adds that the brake is on to a result, before its notice where it has one; gives the result itself where it is off. */
export type WithBrake = (result: Result) => Promise<Result>;

/** While the brake is on, every result says so: those of tools, and of the resources that equal them. */
export function createBrakeNotice(house: House, offered: ReadonlySet<string>): WithBrake {
  const ways = [...(offered.has(BRAKE_TOOL) ? [`${BRAKE_TOOL} {"on": false}`] : []), RESUME_COMMAND].join(' or ');
  return async (result) => {
    try {
      const brake = await house.read((view) => view.brake());
      if (!brake.on) return result;
      const { notice, ...rest } = result;
      // First, because some clients cut the end of a result off.
      return { notice: `${brakeSentence(brake)} (${ways}).${notice === undefined ? '' : ` ${notice}`}`, ...rest };
    } catch {
      // No result is lost for a notice.
      return result;
    }
  };
}

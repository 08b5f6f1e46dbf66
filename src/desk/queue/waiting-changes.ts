import { AppError } from '../../domain/base/errors.ts';
import type { House } from '../../engine/base/house.ts';
import type { ChangeAsShown } from '../../engine/base/shown/change.ts';
import { listChanges } from '../../engine/changes/list.ts';
import { askForOldGrantsBeforeReading } from '../../engine/changes/old-grants.ts';
import { askedAgain } from '../../engine/changes/question.ts';

/** A change that waits, whole in words, before it gets its nonce. A yes to it binds to `binding`. */
export type ChangeToDecide = ChangeAsShown & { binding: string; lines: [label: string, text: string][] };

/** What a nonce for a change stands for: the change, and what it would let happen. */
export function changeShownAs(changeId: string, binding: string): string {
  return `change ${changeId} ${binding}`;
}

/** The change with its words; undefined where nobody can decide on it any more. */
async function inWords(house: House, change: ChangeAsShown): Promise<ChangeToDecide | undefined> {
  try {
    const { binding, lines } = await askedAgain(house, change.change_id);
    return { ...change, binding, lines };
  } catch (error) {
    if (error instanceof AppError && (error.code === 'CONFLICT' || error.code === 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The newest changes that wait for a person, and how many there are. */
export async function waitingChanges(
  house: House,
  filter: { agent_id?: string | undefined },
): Promise<{ changes: ChangeToDecide[]; changes_total: number }> {
  await askForOldGrantsBeforeReading(house);
  const { changes, changes_total } = await listChanges(house, filter);
  const told = await Promise.all(changes.map((change) => inWords(house, change)));
  return { changes: told.filter((change) => change !== undefined), changes_total };
}

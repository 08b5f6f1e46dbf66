import type { ActionRef } from '../../src/domain/runs/run.ts';
import type { House } from '../../src/engine/base/house.ts';
import { locate } from '../../src/engine/review/locate.ts';

/** An action's address and more arguments, with the digest that a person is shown for the action now. */
export async function asShown<T extends ActionRef>(house: House, ref: T): Promise<T & { expected_digest: string }> {
  return { ...ref, expected_digest: await house.read((view) => locate(view, ref).digest) };
}

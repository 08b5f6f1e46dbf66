import type { Proof } from '../runs/run.ts';
import type { Kind } from './fold.ts';

/**
 * Whether the brake is on: then nothing is evaluated, no schedule fires and nothing is executed. `since` (ISO 8601),
 * `by` and `via` tell of the last switch, on or off; they are missing where it was never switched. `restored` has an id for each
 * time that it was put on because the state had been restored from a backup.
 */
export type Brake = { on: boolean; reason?: string; since?: string; by?: string; via?: Proof; restored?: string[] };

export const brakeKind: Kind<Brake> = {
  empty: () => ({ on: false }),
  fold(state, event) {
    if (event.type !== 'brake_set') return;
    const { on, at, by, via, reason, restored } = event;
    delete state.reason;
    Object.assign(state, { on, since: at, by, via, ...(reason === undefined ? {} : { reason }) });
    if (restored !== undefined) state.restored = [...(state.restored ?? []), restored];
  },
};

import { z } from 'zod';
import type { Brake } from '../../../domain/state/fold-brake.ts';

/** The brake as tools show it: since when it is as it is, who switched it last, and why. */
export const brakeShape = z.object({
  on: z.boolean(),
  reason: z.string().optional(),
  since: z.string().optional(),
  by: z.string().optional(),
});

export type BrakeAsShown = z.infer<typeof brakeShape>;

export function shownBrake({ on, reason, since, by }: Brake): BrakeAsShown {
  return {
    on,
    ...(reason === undefined ? {} : { reason }),
    ...(since === undefined ? {} : { since }),
    ...(by === undefined ? {} : { by }),
  };
}

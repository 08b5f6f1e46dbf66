import { z } from 'zod';

/** A filter in MongoDB's query syntax. The schema checks only that it is an object; `compileFilter` checks the rest. */
export const filterSchema = z.record(z.string(), z.unknown());
export type Filter = z.infer<typeof filterSchema>;

/** How a window is written: `7d`. */
const WINDOW = /^[1-9]\d{0,4}[mhdw]$/;
export const WINDOW_IN_WORDS = 'a number followed by m, h, d or w, such as "7d"';

const windowSchema = z.strictObject({
  match: filterSchema.exactOptional(),
  within: z
    .string()
    .regex(/^[1-9]\d*[mhdw]$|\{\{/, `a window is ${WINDOW_IN_WORDS}`)
    .exactOptional(),
  at_least: z.int().min(0).exactOptional(),
  at_most: z.int().min(0).exactOptional(),
});
/**
 * How many events or actions must match, within the time before now; `at_least` is 1 unless `at_most` is given. `within`
 * may be a Liquid template over the playbook's settings, which makes such a window of them.
 */
export type EventWindow = z.infer<typeof windowSchema>;

export const ruleSchema = z.strictObject({
  name: z.string().min(1).max(200),
  when: z
    .strictObject({
      contact: filterSchema.exactOptional(),
      events: z.array(windowSchema).max(20).exactOptional(),
      recent_actions: z.array(windowSchema).max(20).exactOptional(),
    })
    .exactOptional(),
  propose: z
    .array(z.strictObject({ type: z.string().min(1).max(100), params: z.record(z.string(), z.unknown()) }))
    .max(20),
  reasoning: z.string().max(10_000).exactOptional(),
  stop: z.boolean().exactOptional(),
});
/** One rule of a playbook: where all conditions of `when` hold, it proposes its actions (contract, section 3). */
export type Rule = z.infer<typeof ruleSchema>;

/** The length in milliseconds of a window such as `30m`, `12h`, `7d` or `2w`; undefined for what is no window. */
export function windowMs(within: string): number | undefined {
  if (!WINDOW.test(within)) return undefined;
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[within.slice(-1)] ?? 0;
  return Number(within.slice(0, -1)) * unit;
}

import { z } from 'zod';
import { anObject } from './fields.ts';

/** A change that waits for a person; `before` and `after` by path, a long value as `{characters, digest}`. */
export function changeShape() {
  return z.strictObject({
    change_id: z.string(),
    agent_id: z.string().exactOptional(),
    identity_id: z.string().exactOptional(),
    what: z.array(z.string()),
    before: anObject(),
    after: anObject(),
    needs: z.enum(['client', 'elicited', 'human', 'signed']),
    asked_at: z.string(),
    asked_by: z.string(),
    lapses_at: z.string(),
  });
}
export type ChangeAsShown = z.infer<ReturnType<typeof changeShape>>;

/** What an agent may do unasked, by its own settings, and whether a person granted that. */
export function unaskedShape() {
  return z.strictObject({
    types: z.array(z.string()),
    granted: z.boolean(),
    granted_at: z.string().exactOptional(),
    granted_via: z.string().exactOptional(),
    earned: z.array(z.unknown()),
  });
}
export type UnaskedAsShown = z.infer<ReturnType<typeof unaskedShape>>;

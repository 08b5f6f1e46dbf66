import { z } from 'zod';

/** The address of an action, as the page sends it. */
export const refFields = {
  run_id: z.string(),
  contact_id: z.string(),
  action_index: z.int().nonnegative(),
};
export const refBody = z.strictObject(refFields);

/** Params of an action, edited: whole. */
export const editedParams = z.record(z.string(), z.unknown());

/** What a person types: a reason, a note, how they want it. */
export const typedWords = z.string().max(2_000);

import { z } from 'zod';

// A shape is a function, so that its schema is built at first use: building all of them would slow the start.
// A row that was cut to fit a page (`truncated: "size"`) may have less than its shape says.

/**
 * A schema for each field of a type, optional ones too. A field that is added to a stored type, or dropped from it, is
 * then a type error until the shape that shows it follows.
 */
export type FieldsOf<T> = Record<keyof T, z.ZodType>;

/** Any object. */
export function anObject() {
  return z.record(z.string(), z.unknown());
}

export function errorShape() {
  return z.strictObject({ code: z.string(), message: z.string() });
}

/** `cost_usd` is null where nobody knows the price. */
export function usageShape() {
  return z.strictObject({ input_tokens: z.number(), output_tokens: z.number(), cost_usd: z.number().nullable() });
}

/** The usage of a chat; by voice, also seconds of audio, and characters given to be spoken. */
export function chatUsageShape() {
  return usageShape().extend({ audio_seconds: z.number().exactOptional(), characters: z.int().exactOptional() });
}

import { z } from 'zod';

// A shape is a function, so that no schema is built before somebody asks for one: a start would have to wait for it.
// A row that was cut to fit a page (`truncated: "size"`) may have less than its shape says.

/**
 * A schema for each field of a type, optional ones too: what is stored can't get a field, or lose one, without the
 * shape that shows it.
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

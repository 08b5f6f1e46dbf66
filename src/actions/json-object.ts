import { z } from 'zod';
import { depthOf, FORBIDDEN_KEY } from '../domain/base/json.ts';

const MAX_DEPTH = 60;

function holdsForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, FORBIDDEN_KEY)) return true;
  return Object.values(value).some((item) => holdsForbiddenKey(item));
}

/**
 * An object of any JSON, nested at most 60 levels (a message allows 64), without `__proto__` at any depth. The check
 * comes before `z.record`, which drops that key without an error.
 */
export const jsonObject = z
  .unknown()
  .superRefine((value, context) => {
    if (depthOf(value, MAX_DEPTH) > MAX_DEPTH) {
      context.addIssue({ code: 'custom', message: `nested deeper than ${MAX_DEPTH} levels: make it flatter` });
    } else if (holdsForbiddenKey(value)) {
      context.addIssue({ code: 'custom', message: `${FORBIDDEN_KEY} can't be the name of a field: leave it out` });
    }
  })
  .pipe(z.record(z.string(), z.unknown()));

import { closest } from 'fastest-levenshtein';
import type { z } from 'zod';
import { AppError, type ErrorDetails, invalid } from '../domain/base/errors.ts';
import { depthOf, FORBIDDEN_KEY } from '../domain/base/json.ts';

const MAX_DEPTH = 64;
const MAX_BYTES = 10 << 20;

/** A path of zod's as text: `['playbook', 'rules', 0, 'when']` is `playbook.rules[0].when`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}

function hasForbiddenKey(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const item = left.pop();
    if (typeof item !== 'object' || item === null) continue;
    if (Object.hasOwn(item, FORBIDDEN_KEY)) return true;
    for (const child of Object.values(item)) if (typeof child === 'object') left.push(child);
  }
  return false;
}

/** The names that the schema takes at a path; undefined where the path leads to no object. */
function keysAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] | undefined {
  let current: unknown = schema;
  for (const part of path) current = child(current, part);
  const shape = shapeOf(current);
  return shape && Object.keys(shape);
}

/** A schema without zod's wrappers, such as optional. An array stays as it is, although zod's have an `unwrap` too. */
function unwrapped(schema: unknown): unknown {
  let current = schema;
  while (
    typeof current === 'object' &&
    current !== null &&
    'unwrap' in current &&
    typeof current.unwrap === 'function' &&
    !('shape' in current) &&
    !('element' in current)
  ) {
    current = current.unwrap();
  }
  return current;
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const inner = unwrapped(schema);
  if (typeof inner !== 'object' || inner === null || !('shape' in inner)) return undefined;
  const shape = inner.shape;
  return typeof shape === 'object' && shape !== null ? { ...shape } : undefined;
}

function child(schema: unknown, part: PropertyKey): unknown {
  const inner = unwrapped(schema);
  if (typeof part === 'number')
    return typeof inner === 'object' && inner !== null && 'element' in inner ? inner.element : undefined;
  return shapeOf(inner)?.[String(part)];
}

function unknownKeys(schema: z.ZodObject, path: readonly PropertyKey[], keys: readonly string[]): ErrorDetails {
  const valid = keysAt(schema, path) ?? [];
  return Object.fromEntries(
    keys.map((key) => {
      const near = valid.length > 0 ? ` Did you mean "${closest(key.slice(0, 100), valid)}"?` : '';
      return [pathText([...path, key]), `unknown argument.${near} Valid ones: ${valid.join(', ') || 'none'}`];
    }),
  );
}

function problems(schema: z.ZodObject, args: unknown, error: z.ZodError): ErrorDetails {
  const details: ErrorDetails = {};
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') Object.assign(details, unknownKeys(schema, issue.path, issue.keys));
    else
      details[pathText(issue.path) || 'arguments'] = nullAt(args, issue.path)
        ? 'null is refused: leave the field out; clear of update_agent removes a field'
        : issue.message;
  }
  return details;
}

function nullAt(args: unknown, path: readonly PropertyKey[]): boolean {
  let current = args;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return false;
    current = Reflect.get(current, part);
  }
  return current === null;
}

/**
 * The arguments of a call, parsed by the tool's schema.
 *
 * @throws AppError VALIDATION_ERROR whose `details` hold every problem by its path, such as `playbook.rules[0].when`;
 *   LIMIT_EXCEEDED where arguments that don't fit are also larger than 10 MB
 */
export function checkArgs<I extends z.ZodObject>(schema: I, args: unknown): z.infer<I> {
  const given = args ?? {};
  if (depthOf(given, MAX_DEPTH) > MAX_DEPTH)
    throw invalid(`The arguments nest deeper than ${MAX_DEPTH} levels. Flatten them.`, { arguments: 'too deep' });
  if (hasForbiddenKey(given))
    throw invalid(`"${FORBIDDEN_KEY}" can't be the name of a field. Rename it.`, { arguments: FORBIDDEN_KEY });
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  if (JSON.stringify(given).length > MAX_BYTES)
    throw new AppError('LIMIT_EXCEEDED', 'The arguments are larger than 10 MB. Give large data as a file path.');
  const details = problems(schema, given, parsed.error);
  const list = Object.entries(details).map(([path, problem]) => `${path}: ${String(problem)}`);
  throw invalid(
    `The arguments don't fit. ${list.slice(0, 10).join('; ')}${list.length > 10 ? ` and ${list.length - 10} more` : ''}.`,
    details,
  );
}

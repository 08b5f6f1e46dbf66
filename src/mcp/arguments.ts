import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { AppError, invalid } from '../domain/base/errors.ts';
import { FORBIDDEN_KEY } from '../domain/base/json.ts';
import { shortened } from '../domain/text/shortened.ts';
import { toolsYielding, wordsFor } from './fields.ts';
import { withoutSlips } from './slips.ts';

const MAX_DEPTH = 64;
const MAX_BYTES = 10 << 20;
/** The most names that an error suggests. */
const MOST_SUGGESTIONS = 20;
/** The most problems that an error names, and the most characters that they take there; of the message, half as many. */
const MOST_PROBLEMS = 50;
const MOST_CHARACTERS = 7_500;
const LONGEST_NAME = 100;

/** A path of zod's as text: `['playbook', 'rules', 0, 'when']` is `playbook.rules[0].when`. A long name is cut. */
function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path)
    text +=
      typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${shortened(String(part), LONGEST_NAME)}`;
  return text;
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

function* unknownKeys(
  schema: z.ZodObject,
  path: readonly PropertyKey[],
  keys: readonly string[],
): Generator<[string, string]> {
  const valid = keysAt(schema, path) ?? [];
  for (const [index, key] of keys.entries()) {
    const problem = index < MOST_SUGGESTIONS ? `unknown argument.${suggested(key, valid)}` : 'unknown argument';
    yield [pathText([...path, key]), problem];
  }
}

/** The valid name that is closest to a wrong one, and all valid names, or the closest of them where there are many. */
function suggested(key: string, valid: readonly string[]): string {
  if (valid.length === 0) return ' Valid ones: none';
  const wrong = key.slice(0, 100);
  const near =
    valid.length <= MOST_SUGGESTIONS ? valid : valid.toSorted((a, b) => distance(wrong, a) - distance(wrong, b));
  const more = valid.length > MOST_SUGGESTIONS ? ` and ${valid.length - MOST_SUGGESTIONS} more` : '';
  return ` Did you mean "${closest(wrong, valid)}"? Valid ones: ${near.slice(0, MOST_SUGGESTIONS).join(', ')}${more}`;
}

/** What a missing argument should have been, and which tool yields it. */
function missing(schema: z.ZodObject, issue: z.core.$ZodIssue): string {
  let field: unknown = schema;
  for (const part of issue.path) field = child(field, part);
  const source = toolsYielding(unwrapped(field));
  if (source !== undefined && issue.code === 'invalid_type') return `missing, take it from ${source}`;
  const kind = issue.path.length === 1 ? wordsFor(String(issue.path[0])) : undefined;
  if (kind !== undefined) return `missing, it is ${kind}`;
  if (issue.code === 'invalid_type') return `missing, a value of type ${issue.expected} is needed`;
  if (issue.code === 'invalid_value') return `missing, it is one of ${issue.values.map(String).join(', ')}`;
  return issue.code === 'invalid_union' ? 'missing' : issue.message;
}

function* problems(schema: z.ZodObject, args: unknown, error: z.ZodError): Generator<[string, string]> {
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') yield* unknownKeys(schema, issue.path, issue.keys);
    else yield [pathText(issue.path) || 'arguments', problemOf(schema, args, issue)];
  }
}

function countOf({ issues }: z.ZodError): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

/** The first of these texts, as many as `characters` have room for, and at least one. */
function roomFor(texts: readonly string[], characters: number): readonly string[] {
  let left = characters;
  const end = texts.findIndex((text, at) => {
    left -= text.length;
    return left < 0 && at > 0;
  });
  return end < 0 ? texts : texts.slice(0, end);
}

/** The VALIDATION_ERROR for arguments that don't fit: it names the first problems, and says how many more there are. */
function misfit(schema: z.ZodObject, args: unknown, error: z.ZodError): AppError {
  const named: [string, string][] = [];
  let characters = 0;
  for (const [path, problem] of problems(schema, args, error)) {
    named.push([path, shortened(problem, MOST_CHARACTERS / 4)]);
    characters += path.length + problem.length;
    if (named.length === MOST_PROBLEMS || characters > MOST_CHARACTERS) break;
  }
  const count = countOf(error);
  const left = count - named.length;
  const lines = roomFor(
    named.slice(0, 10).map(([path, problem]) => `${path}: ${problem}`),
    MOST_CHARACTERS / 2,
  );
  const more = count > lines.length ? ` and ${count - lines.length} more` : '';
  return invalid(`The arguments don't fit. ${lines.join('; ')}${more}.`, {
    ...Object.fromEntries(named),
    ...(left > 0 ? { '…': `and ${left} more problems` } : {}),
  });
}

function problemOf(schema: z.ZodObject, args: unknown, issue: z.core.$ZodIssue): string {
  const value = valueAt(args, issue.path);
  if (value === null) return 'null is refused: leave the field out; clear of update_agent removes a field';
  return value === undefined ? missing(schema, issue) : issue.message;
}

function valueAt(args: unknown, path: readonly PropertyKey[]): unknown {
  let current = args;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, part);
  }
  return current;
}

/** Refuses arguments that are too deep, or that have a field which no object may have. VALIDATION_ERROR. */
function demandSound(given: unknown): void {
  let level: unknown[] = [given];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      if (depth === MAX_DEPTH)
        throw invalid(`The arguments nest deeper than ${MAX_DEPTH} levels. Flatten them.`, { arguments: 'too deep' });
      if (Object.hasOwn(item, FORBIDDEN_KEY))
        throw invalid(`"${FORBIDDEN_KEY}" can't be the name of a field. Rename it.`, { arguments: FORBIDDEN_KEY });
      if (Array.isArray(item)) for (const child of item) next.push(child);
      // Of an object with very many keys, this takes a third of the time that its values alone take.
      else for (const key of Object.keys(item)) next.push(Reflect.get(item, key));
    }
    level = next;
  }
}

/**
 * The arguments of a call, parsed by the tool's schema. Small slips of small models are taken as meant.
 *
 * @throws AppError VALIDATION_ERROR whose `details` hold the first problems by their paths, such as `playbook.rules[0].when`;
 *   LIMIT_EXCEEDED where arguments that don't fit are also larger than 10 MB
 */
export function checkArgs<I extends z.ZodObject>(schema: I, args: unknown): z.infer<I> {
  const given = args ?? {};
  demandSound(given);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  if (JSON.stringify(given).length > MAX_BYTES)
    throw new AppError('LIMIT_EXCEEDED', 'The arguments are larger than 10 MB. Give large data as a file path.');
  const meant = withoutSlips(given, parsed.error);
  if (meant === given) throw misfit(schema, given, parsed.error);
  demandSound(meant);
  const again = schema.safeParse(meant);
  if (again.success) return again.data;
  throw misfit(schema, meant, again.error);
}

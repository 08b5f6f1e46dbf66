import type { z } from 'zod';
import { AppError, type ErrorDetails, invalid } from '../../base/errors.ts';
import { depthOf, FORBIDDEN_KEY, HALF_A_CHARACTER, halvedAt, isObject, valuesIn } from '../../base/json.ts';
import { shortened } from '../../text/shortened.ts';
import type { BodyFields } from './dialect.ts';

/** Below the 64 levels of an agent, which holds what is kept of a body two levels deeper. */
const MOST_LEVELS = 48;
/** The most values, fields and elements alike, that a body may hold: more is no description of one agent. */
const MOST_VALUES = 20_000;
const MOST_PROBLEMS = 20;
const LONGEST_TEXT = 300;

/** Whether an object anywhere in a value has the key that changes prototypes. It doesn't recurse. */
export function hasForbiddenKey(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const item = left.pop();
    if (typeof item !== 'object' || item === null) continue;
    if (Object.hasOwn(item, FORBIDDEN_KEY)) return true;
    for (const child of Object.values(item)) left.push(child);
  }
  return false;
}

/**
 * A body as an object that can be worked with.
 *
 * @throws AppError VALIDATION_ERROR where it is no object, nests too deep, has a key that no object may have, or holds
 *   half a character; the path is in `details`. LIMIT_EXCEEDED where it holds more than `most` values
 */
export function soundBody(body: unknown, most = MOST_VALUES): BodyFields {
  if (!isObject(body)) throw invalid('The body has to be a JSON object: one agent.', { body: 'no object' });
  if (valuesIn(body, most) > most)
    throw new AppError(
      'LIMIT_EXCEEDED',
      `The body holds more than ${most} values. Leave out what isn't about the agent.`,
      {
        body: `more than ${most} values`,
      },
    );
  if (depthOf(body, MOST_LEVELS) > MOST_LEVELS)
    throw invalid(`The body nests deeper than ${MOST_LEVELS} levels. Flatten it.`, { body: 'too deep' });
  if (hasForbiddenKey(body))
    throw invalid(`"${FORBIDDEN_KEY}" can't be the name of a field. Rename it.`, { body: FORBIDDEN_KEY });
  const halved = halvedAt(body, '');
  if (halved !== undefined) {
    const path = shortened(halved, LONGEST_TEXT);
    throw invalid(`${path} ${HALF_A_CHARACTER}.`, { [path]: HALF_A_CHARACTER });
  }
  return body;
}

/** A path of zod's as text: `['monitoring', 'filter', 0]` is `monitoring.filter[0]`. */
export function bodyPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path)
    text +=
      typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${shortened(String(part), LONGEST_TEXT)}`;
  return text;
}

function* namedIssues(error: z.ZodError, body: unknown, valid: readonly string[]): Generator<[string, string]> {
  for (const issue of error.issues) {
    const path = bodyPath(issue.path);
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys)
        yield [
          bodyPath([...issue.path, key]),
          path === '' ? `unknown field; the fields are ${valid.join(', ')}` : 'unknown field',
        ];
    else if (
      issue.code === 'invalid_type' &&
      issue.path.length === 1 &&
      !Object.hasOwn(Object(body), issue.path[0] ?? '')
    )
      yield [path, `missing: a value of type ${issue.expected} is required`];
    else yield [path === '' ? 'body' : path, issue.message];
  }
}

/** What is wrong with a body, each problem by the path of its field; at most 20 of them. */
function problemsIn(error: z.ZodError, body: unknown, valid: readonly string[]): ErrorDetails {
  const details: Record<string, string> = {};
  for (const [path, problem] of namedIssues(error, body, valid)) {
    if (Object.keys(details).length >= MOST_PROBLEMS) break;
    details[path] ??= shortened(problem, LONGEST_TEXT);
  }
  return details;
}

/**
 * A body parsed by a schema.
 *
 * @throws AppError VALIDATION_ERROR that names each field at fault, in `details` by its path
 */
export function fittingBody<S extends z.ZodObject>(schema: S, body: BodyFields, title: string): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const details = problemsIn(parsed.error, body, Object.keys(schema.shape));
  const lines = Object.entries(details).map(([path, problem]) => `${path}: ${problem}`);
  throw invalid(
    `This is no valid body of an agent for ${title}. ${shortened(lines.slice(0, 10).join('; '), 3000)}.`,
    details,
  );
}

/**
 * The error of an agent that can't be saved, in the words of a dialect: each path of ours in its details and its message
 * is replaced by the field that the body has for it.
 */
export function inWordsOf(error: AppError, pairs: readonly { theirs: string; ours: string }[]): AppError {
  const { code, details } = error;
  // The longest path first, so that no shorter one takes a part of it.
  const named = pairs.filter(({ theirs, ours }) => theirs !== ours).toSorted((a, b) => b.ours.length - a.ours.length);
  // A field of one word may be a word of the text, too: it is replaced where the error is about that field.
  const isAbout = (ours: string) => ours.includes('.') || Object.hasOwn(details ?? {}, ours);
  const worded = (text: string) =>
    named.reduce((words, { ours, theirs }) => (isAbout(ours) ? words.replaceAll(ours, theirs) : words), text);
  const pathOfTheirs = (path: string) => named.find(({ ours }) => ours === path)?.theirs ?? worded(path);
  return new AppError(
    code,
    worded(error.message),
    details &&
      Object.fromEntries(
        Object.entries(details).map(([path, told]) => [
          pathOfTheirs(path),
          typeof told === 'string' ? worded(told) : told,
        ]),
      ),
  );
}

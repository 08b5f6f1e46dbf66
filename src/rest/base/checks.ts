import { z } from 'zod';
import { invalid } from '../../domain/base/errors.ts';
import { isObject, isVast } from '../../domain/base/json.ts';
import { soundBody } from '../../domain/dialects/mapping/soundness.ts';
import { shortened } from '../../domain/text/shortened.ts';

/** The most levels of a body. */
export const MOST_BODY_LEVELS = 64;
const MOST_PROBLEMS = 20;

/** A body's text as JSON; undefined for no text. VALIDATION_ERROR where it is no JSON. */
export function jsonBody(text: string, levels = MOST_BODY_LEVELS): unknown {
  if (text === '') return undefined;
  if (isVast(text, levels))
    throw invalid(`The body nests deeper than ${levels} levels. Flatten it.`, { body: 'too deep' });
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? shortened(error.message, 200) : 'no JSON';
    throw invalid(`The body isn't JSON: ${why}.`, { body: 'no JSON' });
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? shortened(String(part), 100) : `${text}.${shortened(String(part), 100)}`;
  }, '');
}

function* problemsOf(error: z.ZodError, given: Record<string, unknown>, valid: string): Generator<[string, string]> {
  for (const issue of error.issues) {
    const [first] = issue.path;
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) yield [pathText([...issue.path, key]), `unknown; valid ones are ${valid}`];
    else if (issue.path.length === 1 && typeof first === 'string' && !Object.hasOwn(given, first))
      yield [first, 'missing'];
    else yield [pathText(issue.path), issue.message];
  }
}

/** A value parsed by a schema. VALIDATION_ERROR that names each problem by its path, in the message and in `details`. */
function fitted<S extends z.ZodObject>(schema: S, given: Record<string, unknown>, what: string): z.infer<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const valid = Object.keys(schema.shape).join(', ') || 'none';
  const problems = [...problemsOf(parsed.error, given, valid)].slice(0, MOST_PROBLEMS);
  const told = problems.map(([path, problem]) => `${path}: ${shortened(problem, 300)}`).join('; ');
  throw invalid(`The ${what} doesn't fit. ${told}.`, Object.fromEntries(problems));
}

/** The body of a request, checked by a schema. */
export function checkedBody<S extends z.ZodObject>(schema: S, body: unknown): z.infer<S> {
  if (!isObject(body)) throw invalid('The body has to be a JSON object.', { body: 'no object' });
  return fitted(schema, soundBody(body), 'body');
}

function withoutOptional(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodExactOptional || inner instanceof z.ZodDefault)
    inner = inner.unwrap();
  return inner;
}

/** A query's text as the value that the schema of its name takes: all of a query is text. */
function queryValue(text: string, schema: unknown): unknown {
  const inner = withoutOptional(schema);
  if (inner instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (inner instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The query of a request, checked by a schema. A name that is given twice has no one meaning, so it is refused. */
export function checkedQuery<S extends z.ZodObject>(schema: S, query: URLSearchParams): z.infer<S> {
  const given: Record<string, unknown> = Object.create(null);
  for (const [name, text] of query) {
    if (Object.hasOwn(given, name))
      throw invalid(`"${shortened(name, 100)}" is given twice in the query. Give it once.`, {
        [shortened(name, 100)]: 'given twice',
      });
    given[name] = queryValue(text, schema.shape[name]);
  }
  return fitted(schema, given, 'query');
}

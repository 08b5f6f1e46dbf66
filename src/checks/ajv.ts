import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import draft07 from 'ajv/dist/refs/json-schema-draft-07.json' with { type: 'json' };
import draft04 from 'ajv-draft-04';
import formats from 'ajv-formats';
import { type Dialect, dialectsOf } from '../domain/schema/dialect.ts';
import { subschemasOf } from '../domain/schema/subschemas.ts';
import { linearPatterns } from './linear-pattern.ts';

// Only the thread of checks imports this: loading Ajv takes long, and so may any schema.

const LONGEST_PROBLEM = 1_000;
const LONGEST_DETAIL = 200;
/** How many of the reasons that stand behind a problem are told with it. */
const MOST_REASONS = 3;

/** A schema that can be tried: its check, and the patterns that `check` leaves out. */
export type Compiled = { check: (value: unknown) => string | undefined; leftOut: readonly string[] };

function engineFor(dialect: Dialect, own: Options): Ajv {
  // What many references lead to is made once, and not copied into each place.
  const options = { strict: false, validateSchema: false, logger: false as const, inlineRefs: false, ...own };
  if (dialect === 'draft-04') return new draft04.default({ ...options, ignoreKeywordsWithRef: true });
  if (dialect === 'draft-07') return new Ajv({ ...options, ignoreKeywordsWithRef: true }).addMetaSchema(draft06);
  const engine = dialect === '2019-09' ? new Ajv2019(options) : new Ajv2020(options);
  return engine.addMetaSchema(draft06).addMetaSchema(draft07);
}

/** Engines that only look whether a schema is one. They are kept, because the schema of schemas takes long to make. */
const ofSchemas = new Map<Dialect, Ajv>();

function schemaProblem(schema: Record<string, unknown>, dialect: Dialect): string | undefined {
  const engine = ofSchemas.get(dialect) ?? engineFor(dialect, {});
  ofSchemas.set(dialect, engine);
  return engine.validateSchema(schema) === true ? undefined : told(engine.errors ?? []);
}

/** A schema's dialect, and the schema as Ajv takes it. Throws where it isn't one in its dialect. */
function understood({ $schema, ...schema }: Record<string, unknown>): { dialect: Dialect; schema: typeof schema } {
  const dialects = dialectsOf($schema);
  for (const { words, at } of subschemasOf(schema)) {
    // Draft-03 marked a property itself as required. Many tools still do, and nothing depends on it.
    if (typeof words.required === 'boolean' && at !== '') delete words.required;
    // OpenAPI's word for a type that may also be null means nothing without a type.
    if (words.nullable !== true || words.type === undefined) delete words.nullable;
    if (dialects[0] !== 'draft-04' && words.id !== undefined) delete words.id;
  }
  const dialect = dialects.find((each) => schemaProblem(schema, each) === undefined);
  if (dialect === undefined) throw new Error(schemaProblem(schema, dialects[0]));
  // Up to draft-07, nothing that stands beside a `$ref` counts. Ajv leaves out all of it but the type.
  if (dialect.startsWith('draft'))
    for (const { words } of subschemasOf(schema)) if (typeof words.$ref === 'string') delete words.type;
  return { dialect, schema };
}

function problemOf({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty, unevaluatedProperty, propertyName, allowedValues } = params;
  const listed = Array.isArray(allowedValues) ? allowedValues.slice(0, 50).join(', ') : undefined;
  const detail: unknown = additionalProperty ?? unevaluatedProperty ?? propertyName ?? listed;
  const at = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const shown = detail === undefined ? '' : ` (${String(detail).slice(0, LONGEST_DETAIL)})`;
  return `${at === '' ? '' : `${at} `}${String(message).slice(0, LONGEST_DETAIL)}${shown}`;
}

/** What is wrong, in words. Ajv gives the problem last, and before it the reasons: why no branch of an `anyOf` fits, say. */
function told(errors: readonly ErrorObject[]): string {
  const problem = errors.at(-1);
  if (!problem) return "doesn't fit";
  const reasons = [...new Set(errors.slice(0, -1).map(problemOf))].slice(0, MOST_REASONS).join('; ');
  return `${problemOf(problem)}${reasons === '' ? '' : ` (${reasons})`}`.slice(0, LONGEST_PROBLEM);
}

/** Throws, with the reason in words, where a schema isn't one in its dialect. */
export function demandSchema(schema: Record<string, unknown>): void {
  understood(schema);
}

/**
 * Makes the check of one JSON Schema, from draft-04 to 2020-12. Unknown keywords and formats check nothing. Formats are
 * checked although the newer dialects leave that open. Throws, with the reason in words, where no check can be made.
 */
export function compile(given: Record<string, unknown>): Compiled {
  const { dialect, schema } = understood(given);
  const leftOut: string[] = [];
  const regExp = Object.assign(
    linearPatterns((pattern) => leftOut.push(pattern)),
    { code: 'linearPattern' },
  );
  // Each schema gets an engine of its own, because two schemas may use the same `$id`. Its code isn't optimised, because
  // that takes several times as long as to make it.
  const code = { regExp, optimize: false };
  const engine = engineFor(dialect, { code, ownProperties: true, multipleOfPrecision: 9 });
  formats.default(engine);
  const fits = engine.compile(schema);
  return { check: (value) => (fits(value) === true ? undefined : told(fits.errors ?? [])), leftOut };
}

import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { RE2JS } from 're2js';

// Loading Ajv is slow: import this module only when a schema is to be checked, never at start-up.

/** Says why a value doesn't fit a schema; undefined where it fits. */
export type Check = (value: unknown) => string | undefined;

/** A `pattern` of a schema that another server wrote, run in linear time. One that can't run so isn't checked here. */
function linearPattern(pattern: string): { test: (text: string) => boolean } {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text) };
  } catch {
    return { test: () => true };
  }
}

const OPTIONS: Options = {
  strict: false,
  validateSchema: false,
  logger: false,
  code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
};

/** The engine for a schema's `$schema`: drafts 6 and 7, 2019-09, else 2020-12. */
function engineFor(dialect: unknown): Ajv {
  if (/draft-0[67]/.test(String(dialect))) return new Ajv(OPTIONS);
  return /2019-09/.test(String(dialect)) ? new Ajv2019(OPTIONS) : new Ajv2020(OPTIONS);
}

function problemOf({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty, allowedValues } = params;
  const detail = additionalProperty ?? (Array.isArray(allowedValues) ? allowedValues.join(', ') : undefined);
  const at = instancePath.slice(1).replaceAll('/', '.');
  return `${at === '' ? '' : `${at} `}${message}${detail === undefined ? '' : ` (${String(detail).slice(0, 200)})`}`;
}

/** Makes the check of one JSON Schema; throws where the schema itself is broken or points to another document. */
export function compileSchema({ $schema, ...schema }: Record<string, unknown>): Check {
  // Each schema gets an engine of its own, because two schemas may use the same `$id`.
  const engine = engineFor($schema);
  formats.default(engine);
  const fits = engine.compile(schema);
  return (value) => {
    if (fits(value)) return undefined;
    const [first] = fits.errors ?? [];
    return first ? problemOf(first) : 'does not fit';
  };
}

import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { isObject } from '../domain/base/json.ts';
import type { OutputKey, Tool } from './define-tool.ts';

/** A JSON Schema without the parts that a model doesn't need: every part costs tokens in every conversation. */
function slim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slim);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      key !== '$schema' &&
      key !== 'propertyNames' &&
      // That a text isn't empty goes without saying; an empty one is refused in words of ours.
      !(key === 'minLength' && item === 1) &&
      !(key === 'maximum' && item === Number.MAX_SAFE_INTEGER) &&
      !(key === 'minimum' && item === Number.MIN_SAFE_INTEGER) &&
      !(key === 'additionalProperties' && isObject(item) && Object.keys(item).length === 0),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, slim(item)]));
}

/** The JSON Schema of a tool's arguments, as a client is shown it. */
export function inputJson(tool: Tool): Record<string, unknown> {
  const json = slim(z.toJSONSchema(tool.input, { io: 'input', unrepresentable: 'any' }));
  return isObject(json) ? json : { type: 'object' };
}

/** A tool's output schema: only the names of its top-level keys, as each word more costs tokens in every conversation. */
function outputJson(keys: Record<string, OutputKey>): Record<string, unknown> {
  const properties = Object.keys(keys).map((key) => [key, {}]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}

/** A schema that the SDK only shows to clients. We check arguments ourselves, so that errors have our own form. */
export function shownSchema(json: () => Record<string, unknown>): StandardSchemaWithJSON {
  return {
    '~standard': {
      version: 1,
      vendor: 'countersign',
      validate: (value) => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  };
}

/** The schemas of a tool, as JSON. */
type Shown = Record<'input' | 'output', Record<string, unknown>>;
export type ShownSchemas = (tool: Tool) => Shown;

/** The schemas of all tools of a process, each made once: over HTTP, every request has a server of its own. */
export function createShownSchemas(): ShownSchemas {
  const made = new Map<string, Shown>();
  return (tool) => {
    const known = made.get(tool.name) ?? { input: inputJson(tool), output: outputJson(tool.output) };
    made.set(tool.name, known);
    return known;
  };
}

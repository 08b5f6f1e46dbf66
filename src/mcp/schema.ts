import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { isObject } from '../domain/base/json.ts';
import type { OutputKey, Tool } from './define-tool.ts';

/** What models don't need of a JSON Schema: it costs tokens in every conversation. */
function slim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slim);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      key !== '$schema' &&
      key !== 'propertyNames' &&
      !(key === 'maximum' && item === Number.MAX_SAFE_INTEGER) &&
      !(key === 'minimum' && item === Number.MIN_SAFE_INTEGER) &&
      !(key === 'additionalProperties' && isObject(item) && Object.keys(item).length === 0),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, slim(item)]));
}

export function inputJson(tool: Tool): Record<string, unknown> {
  const json = slim(z.toJSONSchema(tool.input, { io: 'input', unrepresentable: 'any' }));
  return isObject(json) ? json : { type: 'object' };
}

function jsonTypeOf(key: OutputKey): string {
  if (typeof key === 'string') return key;
  return 'one' in key ? 'object' : 'array';
}

/** An output schema names its top-level keys and lets later ones come. What stands below them would cost tokens. */
export function outputJson(keys: Record<string, OutputKey>): Record<string, unknown> {
  const properties = Object.entries(keys).map(([key, type]) => [key, { type: jsonTypeOf(type) }]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}

/** A schema the SDK shows to clients, but leaves checking to our own adapter, which answers in our own words. */
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

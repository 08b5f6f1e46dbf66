import { FORBIDDEN_KEY, isObject } from '../base/json.ts';
import type { BodyFields } from './mapping/dialect.ts';

/** Make's types of a field, and ours. The first of several that mean the same is the one that is written. */
const TYPES: readonly [make: string, json: string][] = [
  ['text', 'string'],
  ['number', 'number'],
  ['integer', 'integer'],
  ['boolean', 'boolean'],
  ['array', 'array'],
  ['collection', 'object'],
];
const MOST_DEPTH = 20;

function fieldSchema(field: unknown, depth: number): BodyFields | undefined {
  if (!isObject(field) || depth > MOST_DEPTH) return undefined;
  const type = TYPES.find(([make]) => make === (field.type ?? 'text'))?.[1];
  if (type === undefined) return undefined;
  const label = typeof field.label === 'string' ? { title: field.label } : {};
  const help = typeof field.help === 'string' ? { description: field.help } : {};
  if (type === 'object') {
    const inside = fieldsSchema(field.spec, depth + 1);
    return inside && { ...inside, ...label, ...help };
  }
  if (type !== 'array') return { type, ...label, ...help };
  const items = itemsSchema(field.spec, depth + 1);
  return items && { type, ...items, ...label, ...help };
}

/** What an array holds: anything, one kind of value, or objects of named fields. */
function itemsSchema(spec: unknown, depth: number): BodyFields | undefined {
  if (spec === undefined) return {};
  const items = Array.isArray(spec) ? fieldsSchema(spec, depth) : fieldSchema(spec, depth);
  return items && { items };
}

function fieldsSchema(fields: unknown, depth: number): BodyFields | undefined {
  if (!Array.isArray(fields)) return undefined;
  const properties: [string, BodyFields][] = [];
  const required: string[] = [];
  for (const field of fields) {
    const schema = fieldSchema(field, depth);
    const name = isObject(field) ? field.name : undefined;
    if (!schema || typeof name !== 'string' || name === FORBIDDEN_KEY) return undefined;
    if (properties.some(([other]) => other === name)) return undefined;
    properties.push([name, schema]);
    if (isObject(field) && field.required === true) required.push(name);
  }
  const needed = required.length > 0 ? { required } : {};
  return { type: 'object', properties: Object.fromEntries(properties), ...needed };
}

/**
 * The JSON Schema that one of Make's output formats stands for (`{type: "make-schema", schema: [...]}`); undefined for
 * plain text, and for a format that says something else.
 */
export function outputSchemaOf(format: unknown): BodyFields | undefined {
  return isObject(format) && format.type === 'make-schema' ? fieldsSchema(format.schema, 0) : undefined;
}

/** Whether an output format asks for nothing but text. */
export function isPlainText(format: unknown): boolean {
  return format === 'text' || (isObject(format) && format.type === 'text');
}

function makeField(schema: unknown, depth: number): BodyFields | undefined {
  if (!isObject(schema) || depth > MOST_DEPTH) return undefined;
  const type = TYPES.find(([, json]) => json === schema.type)?.[0];
  if (type === undefined) return undefined;
  const label = typeof schema.title === 'string' ? { label: schema.title } : {};
  const help = typeof schema.description === 'string' ? { help: schema.description } : {};
  if (type === 'collection') {
    const spec = makeFields(schema, depth + 1);
    return spec && { type, ...label, ...help, spec };
  }
  if (type !== 'array' || schema.items === undefined) return { type, ...label, ...help };
  const isCollection = isObject(schema.items) && schema.items.type === 'object';
  const spec = isCollection ? makeFields(schema.items, depth + 1) : makeField(schema.items, depth + 1);
  return spec && { type, ...label, ...help, spec };
}

function makeFields(schema: unknown, depth: number): BodyFields[] | undefined {
  if (!isObject(schema) || !isObject(schema.properties)) return undefined;
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields: BodyFields[] = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    const field = makeField(property, depth);
    if (!field) return undefined;
    fields.push({ name, ...field, ...(required.includes(name) ? { required: true } : {}) });
  }
  return fields;
}

/** A JSON Schema as Make's output format; undefined where Make has no words for it. Rules about values are left out. */
export function makeFormatOf(schema: BodyFields): BodyFields | undefined {
  const fields = schema.type === 'object' ? makeFields(schema, 0) : undefined;
  return fields && { type: 'make-schema', schema: fields };
}

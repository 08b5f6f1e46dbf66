import { isObject } from '../base/json.ts';

type Holding = 'one' | 'list' | 'named';

/** The keywords that hold schemas, and how. `items` holds one, or, before 2020-12, a list. */
const HOLDS: ReadonlyMap<string, Holding> = new Map([
  ...[
    ...['additionalItems', 'additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then'],
    ...['unevaluatedItems', 'unevaluatedProperties'],
  ].map((name): [string, Holding] => [name, 'one']),
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((name): [string, Holding] => [name, 'list']),
  ...['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'].map(
    (name): [string, Holding] => [name, 'named'],
  ),
]);

/** A schema within a schema, and where it stands, for people: `properties.q`. */
export type Subschema = { words: Record<string, unknown>; at: string };

const placed = (at: string, step: string) => (at === '' ? step : `${at}.${step}`);

function heldBy(name: string, value: unknown, at: string): [string, unknown][] {
  const holding = HOLDS.get(name);
  if (holding === undefined) return [];
  if (Array.isArray(value)) return value.map((part, index) => [placed(at, String(index)), part]);
  if (holding !== 'named') return [[at, value]];
  return isObject(value) ? Object.entries(value).map(([key, part]) => [placed(at, key), part]) : [];
}

/** A schema and all schemas in it that aren't just true or false. What stands where a schema should is left out. */
export function* subschemasOf(schema: Record<string, unknown>): Generator<Subschema> {
  const open: Subschema[] = [{ words: schema, at: '' }];
  for (let found = open.pop(); found !== undefined; found = open.pop()) {
    yield found;
    const { words, at } = found;
    const held = Object.entries(words).flatMap(([name, value]) => heldBy(name, value, placed(at, name)));
    for (const [place, part] of held.reverse()) if (isObject(part)) open.push({ words: part, at: place });
  }
}

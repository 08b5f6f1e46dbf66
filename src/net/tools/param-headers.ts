import { isObject } from '../../domain/base/json.ts';

const KEYWORD = 'x-mcp-header';
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean'];
/** Keywords whose keys are names of somebody's choice, and no keywords themselves. */
const HOLDS_NAMES = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/** How many schemas in a value have the keyword, wherever they stand. */
function countIn(value: unknown, areNames = false): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countIn(item), 0);
  if (!isObject(value)) return 0;
  const below = Object.entries(value).map(([key, item]) => countIn(item, !areNames && HOLDS_NAMES.has(key)));
  return below.reduce((sum, count) => sum + count, !areNames && Object.hasOwn(value, KEYWORD) ? 1 : 0);
}

/** The properties with the keyword that arguments lead to by names alone, without a list or a choice in between. */
function declaredIn({ properties }: Record<string, unknown>): Record<string, unknown>[] {
  if (!isObject(properties)) return [];
  return Object.values(properties)
    .filter(isObject)
    .flatMap((schema) => [...(Object.hasOwn(schema, KEYWORD) ? [schema] : []), ...declaredIn(schema)]);
}

/**
 * Why a tool can't be used that has arguments sent as HTTP headers too (`x-mcp-header`, MCP 2026-07-28: a client must
 * leave such a tool out); undefined where it can.
 */
export function paramHeaderProblem(inputSchema: Record<string, unknown>): string | undefined {
  const declared = declaredIn(inputSchema);
  if (declared.length < countIn(inputSchema)) return `its inputSchema has ${KEYWORD} where no single property is meant`;
  const names = declared.map((schema) => schema[KEYWORD]);
  if (!names.every((name) => typeof name === 'string' && HEADER_NAME.test(name)))
    return `its inputSchema has an ${KEYWORD} that is no name of a header`;
  if (!declared.every(({ type }) => TYPES.includes(type)))
    return `its inputSchema has an ${KEYWORD} on what is no text, integer or boolean`;
  const isTwice = new Set(names.map((name) => String(name).toLowerCase())).size < names.length;
  return isTwice ? `its inputSchema names the same ${KEYWORD} twice` : undefined;
}

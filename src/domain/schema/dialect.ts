/** The edition of JSON Schema that a schema is written in. Draft-06 is read as draft-07. */
export type Dialect = 'draft-04' | 'draft-07' | '2019-09' | '2020-12';

const BY_NAME: readonly [RegExp, Dialect][] = [
  [/draft-0[34]/, 'draft-04'],
  [/draft-0[67]/, 'draft-07'],
  [/2019-09/, '2019-09'],
];

/**
 * The dialects that a schema may be in, the likeliest first: the one that `$schema` names, with or without `#`, by http
 * or https. MCP takes 2020-12 where none is named, but many tools that name none were written for an earlier one.
 */
export function dialectsOf($schema: unknown): readonly [Dialect, ...Dialect[]] {
  if (typeof $schema !== 'string') return ['2020-12', 'draft-07', 'draft-04'];
  return [BY_NAME.find(([name]) => name.test($schema))?.[1] ?? '2020-12'];
}

/** The edition of JSON Schema that a schema is written in. */
export type Dialect = 'draft-04' | 'draft-06' | 'draft-07' | '2019-09' | '2020-12';

const BY_NAME: readonly [RegExp, Dialect][] = [
  [/draft-0[34]/, 'draft-04'],
  [/draft-06/, 'draft-06'],
  [/draft-07/, 'draft-07'],
  [/2019-09/, '2019-09'],
];

/** The dialect that `$schema` names, with or without `#`, by http or https. MCP takes 2020-12 where none is named. */
export function dialectOf($schema: unknown): Dialect {
  const named = typeof $schema === 'string' ? BY_NAME.find(([name]) => name.test($schema)) : undefined;
  return named ? named[1] : '2020-12';
}

/** Up to draft-07, nothing that stands beside a `$ref` counts. */
export function refStandsAlone(dialect: Dialect): boolean {
  return dialect.startsWith('draft');
}

/** The keyword that names a document, or a part of one. */
export function idKeyword(dialect: Dialect): '$id' | 'id' {
  return dialect === 'draft-04' ? 'id' : '$id';
}

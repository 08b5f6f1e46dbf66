import fc from 'fast-check';

/** Few values and few names, so that values are often equal, nested or missing. */
const FIELDS = ['a', 'b', 'c', 'é"\\'] as const;
const scalar = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom('', 'x', 'y', 'Xy', 'x\ny', '"x"', 'a":"x', '\\', 'ü', '\ud800', '\u2028'),
  fc.constantFrom(-0, 0.1, 1e21, 12),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 4, arbitrary: scalar },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 2 }),
  ),
}));
/** A document with few names and values. */
export const anyDocument = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 3 });
/** Such a document, which may have a field whose name has a dot. */
export const anyDottedDocument = fc
  .tuple(anyDocument, fc.option(value))
  .map(([document, dotted]) => (dotted === null ? document : { ...document, 'a.b': dotted }));

function reversed(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(reversed);
  if (typeof item !== 'object' || item === null) return item;
  const entries = Object.entries(item).map(([key, inner]) => [key, reversed(inner)]);
  return Object.fromEntries(entries.toReversed());
}

/** A filter for one value, and a document that has it with its fields in another order. */
export const anyEqual = fc
  .tuple(fc.constantFrom('a', 'a.b'), value)
  .map(([key, item]): [filter: Record<string, unknown>, document: Record<string, unknown>] => [
    { [key]: item },
    { [key]: reversed(item) },
  ]);

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...FIELDS) },
  fc.constantFrom('a.b', 'a.c', 'b.0', 'a.1', 'a.0.b', 'a.b.c', 'a.b.0', 'a.0.0', 'length', 'a.length'),
);

/** Patterns that RE2 and JavaScript read alike. */
const pattern = fc.record(
  {
    $regex: fc.constantFrom('x', '^x', 'y$', '^$', 'x.y', '[xX]y?', '(x|y)+', 'X\\w', '\\d'),
    $options: fc.constantFrom('', 'i', 'm', 's', 'ims'),
  },
  { requiredKeys: ['$regex'] },
);
const condition = (key: string, operand: fc.Arbitrary<unknown>) => operand.map((item) => ({ [key]: item }));
const { filter } = fc.letrec<{ filter: Record<string, unknown>; operators: object; part: object }>((tie) => ({
  part: fc.oneof(
    ...['$eq', '$ne'].map((key) => condition(key, value)),
    ...['$gt', '$gte', '$lt', '$lte'].map((key) => condition(key, scalar)),
    ...['$in', '$nin'].map((key) => condition(key, fc.array(value, { maxLength: 3 }))),
    condition('$all', fc.array(fc.oneof(value, condition('$elemMatch', tie('operators'))), { maxLength: 2 })),
    condition('$size', fc.nat({ max: 3 })),
    condition('$exists', fc.boolean()),
    pattern,
  ),
  operators: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('part'),
    fc.tuple(tie('part'), tie('part')).map(([one, other]) => ({ ...one, ...other })),
    condition('$not', tie('operators')),
    condition('$elemMatch', fc.oneof(tie('operators'), tie('filter'))),
  ),
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: fc.dictionary(name, fc.oneof(tie('operators'), value), { maxKeys: 2 }) },
    fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(([operator, parts]) => ({ [operator]: parts })),
  ),
}));

/** A valid filter, whose values and names such documents often have. */
export const anyFilter = filter;

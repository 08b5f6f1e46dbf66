import { isObject } from '../base/json.ts';
import { type Dialect, idKeyword, refStandsAlone } from './dialect.ts';
import { misfit, Subschema } from './subschema.ts';

/** The most subschemas that a schema may have. */
const MOST_NODES = 1_000;
/** A schema without an id has this one. Nothing is ever fetched from it, or from any other. */
const UNNAMED = 'https://schema.invalid/';
/** The schema of schemas, in any dialect. It is known without being fetched: a schema is an object, true or false. */
const OF_SCHEMAS = /^https?:\/\/json-schema\.org\/(draft-0\d\/|draft\/20\d\d-\d\d\/)?schema$/;

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

const LONGEST_PLACE = 200;

/** What is wrong with a schema itself: `properties.q.type isn't a text`. The place is "it" for the schema as a whole. */
export class SchemaFlaw extends Error {
  constructor(at: string, problem: string) {
    const place = at.length > LONGEST_PLACE ? `…${at.slice(-LONGEST_PLACE)}` : at;
    super(`${place || 'it'} ${problem}`);
  }
}

const placed = (at: string, ...steps: (string | number)[]) => [...(at === '' ? [] : [at]), ...steps].join('.');

/** The schemas under one keyword, each with its place. Throws SchemaFlaw where it holds something else. */
function heldBy(name: string, holding: Holding, value: unknown, at: string): [string, unknown][] {
  if (holding === 'list' || (name === 'items' && Array.isArray(value))) {
    if (!Array.isArray(value)) throw new SchemaFlaw(at, "isn't a list of schemas");
    return value.map((part, index) => [placed(at, index), part]);
  }
  if (holding === 'one') return [[at, value]];
  if (!isObject(value)) throw new SchemaFlaw(at, "isn't an object of schemas");
  // A list under `dependencies` names properties.
  const schemas = Object.entries(value).filter(([, part]) => name !== 'dependencies' || !Array.isArray(part));
  return schemas.map(([key, part]) => [placed(at, key), part]);
}

function schemasIn(words: Record<string, unknown>, at: string): [string, unknown][] {
  return Object.entries(words).flatMap(([name, value]) => {
    const holding = HOLDS.get(name);
    return holding ? heldBy(name, holding, value, placed(at, name)) : [];
  });
}

/**
 * A schema with all schemas in it, found by their place, by `$id` and by anchor. It never leads to another document.
 */
export class SchemaDocument {
  readonly dialect: Dialect;
  readonly root: Subschema;
  /** Every subschema. It grows while references are followed to places where no keyword expects a schema. */
  readonly all: Subschema[] = [];
  readonly #anything = new Subschema({}, UNNAMED, '');
  readonly #nothing = new Subschema({}, UNNAMED, '');
  readonly #anySchema = new Subschema({}, UNNAMED, '');
  readonly #byWords = new Map<object, Subschema>();
  readonly #byUri = new Map<string, Subschema>();
  readonly #dynamic = new Map<string, Subschema>();
  #count = 0;

  constructor(schema: Record<string, unknown>, dialect: Dialect) {
    this.dialect = dialect;
    this.#nothing.assertions.push(() => misfit('boolean schema is false'));
    this.#anySchema.assertions.push((value) =>
      isObject(value) || typeof value === 'boolean' ? undefined : misfit('must be object,boolean'),
    );
    this.root = this.#take(schema, UNNAMED, '');
    this.#byUri.set(UNNAMED, this.root);
  }

  /** The subschema that stands as `raw` under a keyword of this document. */
  part(raw: unknown): Subschema {
    if (typeof raw === 'boolean') return raw ? this.#anything : this.#nothing;
    const found = isObject(raw) ? this.#byWords.get(raw) : undefined;
    return found ?? this.#nothing;
  }

  /** The subschema that a reference leads to from `from`. Throws SchemaFlaw where there is none in this document. */
  referred(from: Subschema, reference: unknown, keyword: string): Subschema {
    const at = placed(from.at, keyword);
    if (typeof reference !== 'string') throw new SchemaFlaw(at, "isn't a text");
    const { uri, fragment } = this.#split(reference, from.scope, at);
    if (OF_SCHEMAS.test(uri) && fragment === '') return this.#anySchema;
    const shown = `"${reference.slice(0, 100)}"`;
    const start = this.#byUri.get(uri);
    if (!start) throw new SchemaFlaw(at, `${shown} leads to another document, and none is ever fetched`);
    if (fragment === '') return start;
    const found = fragment.startsWith('/') ? this.#pointed(start, fragment) : this.#byUri.get(`${uri}#${fragment}`);
    if (!found) throw new SchemaFlaw(at, `${shown} leads nowhere`);
    return found;
  }

  /** The part of the document `scope` with this `$dynamicAnchor`; undefined where it has none. */
  dynamicAnchor(scope: string, name: string): Subschema | undefined {
    return this.#dynamic.get(`${scope}#${name}`);
  }

  /** The subschema that a document's own URI names. */
  documentAt(scope: string): Subschema | undefined {
    return this.#byUri.get(scope);
  }

  #split(reference: string, base: string, at: string): { uri: string; fragment: string } {
    try {
      if (reference.startsWith('#')) return { uri: base, fragment: decodeURIComponent(reference.slice(1)) };
      const url = new URL(reference, base);
      const fragment = decodeURIComponent(url.hash.slice(1));
      url.hash = '';
      return { uri: url.href, fragment };
    } catch {
      throw new SchemaFlaw(at, `"${reference.slice(0, 100)}" isn't a URI`);
    }
  }

  #take(raw: unknown, scope: string, at: string): Subschema {
    if (++this.#count > MOST_NODES) throw new SchemaFlaw('', `has more than ${MOST_NODES} schemas in it`);
    if (typeof raw === 'boolean') return this.part(raw);
    if (!isObject(raw)) throw new SchemaFlaw(at, "isn't a schema (an object, true or false)");
    if (Object.hasOwn(raw, '$async')) throw new SchemaFlaw(placed(at, '$async'), "isn't part of JSON Schema");
    const named = this.#scopeOf(raw, scope, at);
    const subschema = new Subschema(raw, named.uri, at);
    this.#byWords.set(raw, subschema);
    this.all.push(subschema);
    if (named.uri !== scope) this.#byUri.set(named.uri, subschema);
    this.#noteAnchors(subschema, named.anchor);
    for (const [place, part] of schemasIn(raw, at)) this.#take(part, named.uri, place);
    return subschema;
  }

  /** The document that a schema stands in: its own where it has an id. An id such as `#name` is an anchor. */
  #scopeOf(raw: Record<string, unknown>, scope: string, at: string): { uri: string; anchor: string } {
    const keyword = idKeyword(this.dialect);
    const id = Object.hasOwn(raw, keyword) ? raw[keyword] : undefined;
    const isBesideRef = refStandsAlone(this.dialect) && typeof raw.$ref === 'string';
    if (typeof id !== 'string' || isBesideRef) return { uri: scope, anchor: '' };
    const { uri, fragment } = this.#split(id, scope, placed(at, keyword));
    return id.startsWith('#') ? { uri: scope, anchor: fragment } : { uri, anchor: fragment };
  }

  #noteAnchors(subschema: Subschema, fromId: string): void {
    const { scope } = subschema;
    for (const name of [fromId, subschema.word('$anchor'), subschema.word('$dynamicAnchor')])
      if (typeof name === 'string' && name !== '') this.#byUri.set(`${scope}#${name}`, subschema);
    const dynamic = subschema.word('$dynamicAnchor');
    if (typeof dynamic === 'string') this.#dynamic.set(`${scope}#${dynamic}`, subschema);
  }

  /** What a JSON pointer leads to, where that can be a schema. */
  #pointed(start: Subschema, pointer: string): Subschema | undefined {
    let found: unknown = start.words;
    for (const step of pointer.slice(1).split('/')) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
      found = Reflect.get(found, key);
    }
    if (typeof found === 'boolean') return this.part(found);
    if (!isObject(found)) return undefined;
    return this.#byWords.get(found) ?? this.#take(found, start.scope, pointer.slice(1).replaceAll('/', '.'));
  }
}

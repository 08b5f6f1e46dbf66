import { z } from 'zod';
import type { ForeignApi } from './base/api-mount.ts';
import type { Route } from './base/route.ts';

type JsonNode = Record<string, unknown>;

const STATUSES: Readonly<Record<number, string>> = {
  200: 'It was done.',
  201: 'It was made.',
  204: 'It was done; there is no body.',
};

/** How callers of each scheme log in, as OpenAPI names it. */
const SECURITY = {
  Bearer: { type: 'http', scheme: 'bearer', description: 'A token of this home: countersign token add NAME' },
  Token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'A token of this home, as: Authorization: Token TOKEN',
  },
  Basic: { type: 'http', scheme: 'basic', description: 'A token of this home as the user name, without a password' },
} as const;

/** A schema as JSON Schema 2020-12, which is what OpenAPI 3.1 takes. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonNode {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function parametersOf({ path, query }: Route): JsonNode[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties, required } = jsonSchema(query, 'input');
  const needed = Array.isArray(required) ? required : [];
  const inQuery = Object.entries(Object(properties ?? {})).map(([name, schema]) => ({
    name,
    in: 'query',
    required: needed.includes(name),
    schema,
  }));
  return [...inPath, ...inQuery];
}

function answersOf({ answers, answerType = 'application/json' }: Route): JsonNode {
  const told = Object.entries(answers).map(([status, shape]): [string, JsonNode] => {
    const description = STATUSES[Number(status)] ?? 'The answer.';
    if (shape === null) return [status, { description }];
    return [status, { description, content: { [answerType]: { schema: jsonSchema(shape(), 'output') } } }];
  });
  return Object.fromEntries(told);
}

function operationOf(api: ForeignApi, route: Route): JsonNode {
  const { body, needsBody, summary, method, path, scope } = route;
  const words = `${api.name} ${method} ${path.replace(/\W+/g, ' ')}`.trim();
  return {
    operationId: words.toLowerCase().replace(/\s+(\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary,
    description: `Needs a token with the scope ${scope}.`,
    tags: [api.title],
    security: [{ [api.scheme.toLowerCase()]: [] }],
    parameters: parametersOf(route),
    ...(body && Object.keys(body.shape).length > 0
      ? { requestBody: { required: needsBody, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }
      : {}),
    responses: {
      ...answersOf(route),
      default: {
        description: 'It was refused; the body says why.',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${api.name}Error` } } },
      },
    },
  };
}

function apiPaths(api: ForeignApi): [string, JsonNode][] {
  const [prefix = ''] = api.prefixes;
  const paths = new Map<string, JsonNode>();
  for (const route of api.routes) {
    const path = `${prefix}${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths.set(path, { ...paths.get(path), [route.method.toLowerCase()]: operationOf(api, route) });
  }
  return [...paths];
}

/** What is served, as OpenAPI 3.1: made of the schemas that check what comes in, and of the shapes that go out. */
export function openApiOf(apis: readonly ForeignApi[]): JsonNode {
  const schemes = Object.entries(SECURITY).map(([scheme, told]) => [scheme.toLowerCase(), told]);
  const errors = apis.map(({ name, errorShape }) => [`${name}Error`, jsonSchema(errorShape(), 'output')]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1',
      description:
        'The agent APIs of other products, and the event API of Segment, over one home of Countersign. Bodies and answers are those of each product. At the bare /v1 a token finds the API that it was made for.',
    },
    tags: apis.map(({ title }) => ({ name: title })),
    paths: Object.fromEntries(apis.flatMap(apiPaths)),
    components: { securitySchemes: Object.fromEntries(schemes), schemas: Object.fromEntries(errors) },
  };
}

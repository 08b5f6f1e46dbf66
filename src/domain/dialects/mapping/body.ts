import { z } from 'zod';
import { type Agent, type AgentChanges, type AgentInput, agentChanges, agentInput } from '../../agents/agent.ts';
import { AppError, type ErrorDetails } from '../../base/errors.ts';
import { canonical, isObject } from '../../base/json.ts';
import { shortened } from '../../text/shortened.ts';
import { templateNamed, unsetValue } from './defaults.ts';
import type { AgentDialect, BodyFields, BodyRead, BodyReading, ReadingTerms } from './dialect.ts';
import { isSameValue, putAtPath, valueAtPath } from './paths.ts';
import { holdsKey, withoutSecrets } from './secrets.ts';
import { bodyPath, fittingBody, inWordsOf, soundBody } from './soundness.ts';

/** What a body is for: `POST`, `PATCH`, or a whole agent from elsewhere (`import_agent`). */
export type BodyUse = 'create' | 'patch' | 'document';

/** The most characters of JSON that are kept of fields without a meaning here: each version of the agent holds them. */
const MOST_KEPT = 20_000;
/** The most of such fields. A body with more of them is no agent, and each one would be named in the answer. */
const MOST_KEPT_FIELDS = 200;

function emptyReading(): BodyReading {
  return { fields: {}, clear: [], kept: {}, carried: [], not_carried: [], warnings: [] };
}

/** The fields of an object that a schema takes at a place; undefined where it takes anything there. */
function strictShape(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodExactOptional) inner = inner.unwrap();
  return inner instanceof z.ZodObject && inner.def.catchall instanceof z.ZodNever ? inner.shape : undefined;
}

/** A body of `POST` or `PATCH` without the fields that only answers have. */
function withoutAnswerFields({ answerFields }: AgentDialect, { shape }: z.ZodObject, body: BodyFields): BodyFields {
  const known: BodyFields = {};
  for (const [name, value] of Object.entries(body)) {
    if (answerFields.includes(name) && !Object.hasOwn(shape, name)) continue;
    known[name] = isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([below]) => !answerFields.includes(`${name}.${below}`)))
      : value;
  }
  return known;
}

/** What a body of `POST` or `PATCH` asks of fields that only answers have, where the agent has another value by now. */
export function toldIgnored(
  dialect: AgentDialect,
  { body, use }: { body: unknown; use: 'create' | 'patch' },
  agent: Agent,
): string[] {
  if (!isObject(body)) return [];
  return Object.entries(dialect.settled).flatMap(([name, valueIn]) => {
    if (!Object.hasOwn(body, name) || Object.hasOwn(dialect[use].shape, name)) return [];
    const value = valueIn(agent) ?? null;
    if (isSameValue(body[name] ?? null, value)) return [];
    const now = value === null ? 'it is not set' : `it is ${shortened(JSON.stringify(value), 200)}`;
    return [`${name} can't be set in this way, so what the body says of it was left out: ${now}.`];
  });
}

/** What a document says of its id, its status and its times, and of what its service noted beside the settings. */
function readStamp(dialect: AgentDialect, name: string, value: unknown, reading: BodyReading): void {
  if ((name === 'id' || name === '_id') && typeof value === 'string' && value !== '')
    reading.id ??= value.slice(0, 200);
  if (dialect.stamps.includes(name)) return;
  if (name === 'status') {
    if (value === 'active') reading.active = true;
    else if (value !== 'draft') reading.not_carried.push({ path: name, why: 'an imported agent is a draft' });
    return;
  }
  reading.not_carried.push({ path: name, why: `${dialect.title} notes it by itself: it is no setting` });
}

/** The part of a document that its schema knows. The rest is kept, so that it is given back. */
function knownPart(dialect: AgentDialect, body: BodyFields, reading: BodyReading): BodyFields {
  const known: BodyFields = {};
  const { shape } = dialect.document;
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(shape, name) && dialect.answerFields.includes(name)) readStamp(dialect, name, value, reading);
    else if (!Object.hasOwn(shape, name) || value === null) reading.kept[name] = value;
    else known[name] = knownInside(dialect, { name, value }, strictShape(shape[name]), reading);
  }
  return known;
}

function knownInside(
  { answerFields }: AgentDialect,
  { name, value }: { name: string; value: unknown },
  shape: Readonly<Record<string, unknown>> | undefined,
  { kept }: BodyReading,
): unknown {
  if (!shape || !isObject(value)) return value;
  const known: BodyFields = {};
  const rest: BodyFields = {};
  for (const [below, item] of Object.entries(value)) {
    if (answerFields.includes(`${name}.${below}`)) continue;
    if (Object.hasOwn(shape, below) && item !== null) known[below] = item;
    else rest[below] = item;
  }
  // An object that says nothing is given back, too.
  if (Object.keys(rest).length > 0 || Object.keys(known).length === 0) kept[name] = rest;
  return known;
}

/** Takes over what a dialect's pairs of fields say. */
function readPairs({ pairs }: AgentDialect, body: BodyFields, reading: BodyReading): void {
  const template = templateNamed(valueAtPath(body, 'playbook_template'));
  for (const { theirs, ours, isOurs } of pairs) {
    const value = valueAtPath(body, theirs);
    if (value === undefined) continue;
    putAtPath(reading.fields, ours, value);
    reading.carried.push(theirs);
    // Of a field of ours it is only kept that the body gave it.
    const isGiven = isOurs && isObject(value);
    if (isOurs || isSameValue(value, unsetValue(ours, template))) putAtPath(reading.kept, theirs, isGiven ? {} : value);
  }
}

/** Names the texts that lost the spaces around them. */
function tellTrimmed(before: BodyFields, after: BodyFields, { not_carried }: BodyReading): void {
  const { name } = after;
  if (typeof name === 'string' && name !== before.name)
    not_carried.push({ path: 'name', why: 'the spaces around the name were left out' });
}

/** Takes secrets out of what is kept of a body and out of settings, and tells of those in texts that the agent has. */
function withoutBodySecrets(reading: BodyReading): void {
  const kept = withoutSecrets(reading.kept);
  reading.kept = kept.value;
  reading.not_carried.push(...kept.removed);
  const config = valueAtPath(reading.fields, 'playbook.config');
  if (isObject(config)) {
    const clean = withoutSecrets(config, 'playbook');
    putAtPath(reading.fields, 'playbook.config', clean.value);
    reading.not_carried.push(...clean.removed);
  }
  if (holdsKey(JSON.stringify(reading.fields)))
    reading.warnings.push(
      'A text of this agent holds what looks like a key. Models would read it; export_agent leaves it out. Take it out with update_agent, and name an environment variable instead.',
    );
}

/**
 * Keeps no more of a body than there is room for. Of a document the largest fields stay behind, each named.
 *
 * @throws AppError LIMIT_EXCEEDED for any other body, and for one with too many such fields
 */
function demandRoom(reading: BodyReading, use: BodyUse): void {
  const sizes = Object.entries(reading.kept).map(([name, value]): [string, number] => [name, canonical(value).length]);
  if (sizes.length > MOST_KEPT_FIELDS)
    throw new AppError(
      'LIMIT_EXCEEDED',
      `The body holds ${sizes.length} fields without a meaning here; at most ${MOST_KEPT_FIELDS} are kept. Check that it is an agent, and leave out what doesn't belong to it.`,
      { fields: sizes.length },
    );
  let left = sizes.reduce((sum, [, size]) => sum + size, 0) - MOST_KEPT;
  for (const [name, size] of sizes.toSorted(([, a], [, b]) => b - a)) {
    if (left <= 0) return;
    const path = name.slice(0, 100);
    const why = `${size} characters of JSON without a meaning here; at most ${MOST_KEPT} of all such fields are kept`;
    if (use !== 'document')
      throw new AppError(
        'LIMIT_EXCEEDED',
        `The body holds too much that is only kept. Make "${path}" smaller: it has ${why}.`,
        {
          [path]: 'too large to keep',
        },
      );
    delete reading.kept[name];
    reading.not_carried.push({ path, why });
    left -= size;
  }
}

/** Reads a body, up to fields of ours that nothing has checked yet. */
function readAny(dialect: AgentDialect, given: unknown, use: BodyUse, terms: ReadingTerms): BodyReading {
  const body = soundBody(given);
  const reading = emptyReading();
  const known =
    use === 'document' ? knownPart(dialect, body, reading) : withoutAnswerFields(dialect, dialect[use], body);
  const parsed = fittingBody(dialect[use], known, dialect.title);
  tellTrimmed(known, parsed, reading);
  readPairs(dialect, parsed, reading);
  dialect.afterReading(parsed, reading, terms);
  withoutBodySecrets(reading);
  demandRoom(reading, use);
  return reading;
}

/** The fields of a reading, held against the agent's own schema: it has limits of its own. */
function checked<T>(dialect: AgentDialect, schema: z.ZodType<T>, fields: BodyFields): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const details: ErrorDetails = Object.fromEntries(
    parsed.error.issues.slice(0, 20).map(({ path, message }) => [bodyPath(path), message]),
  );
  const lines = Object.entries(details).map(([path, problem]) => `${path}: ${problem}`);
  const error = new AppError('VALIDATION_ERROR', `This agent can't be made here. ${lines.join('; ')}.`, details);
  throw inWordsOf(error, dialect.pairs);
}

/**
 * What a whole body says of an agent: one of `POST`, or a document that is imported.
 *
 * @throws AppError VALIDATION_ERROR that names each field at fault, LIMIT_EXCEEDED where too much has no meaning here
 */
export function readAgent(
  dialect: AgentDialect,
  body: unknown,
  use: 'create' | 'document',
  terms: ReadingTerms,
): BodyRead<AgentInput> {
  const reading = readAny(dialect, body, use, terms);
  return { ...reading, fields: checked(dialect, agentInput, reading.fields) };
}

/** What a body of `PATCH` says of the agent `before`. Throws as `readAgent` does. */
export function readChanges(dialect: AgentDialect, body: unknown, terms: ReadingTerms): BodyRead<AgentChanges> {
  const reading = readAny(dialect, body, 'patch', terms);
  return { ...reading, fields: checked(dialect, agentChanges, reading.fields) };
}

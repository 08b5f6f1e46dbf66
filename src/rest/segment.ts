import { z } from 'zod';
import { AppError, invalid } from '../domain/base/errors.ts';
import { depthOf, FORBIDDEN_KEY, isObject } from '../domain/base/json.ts';
import { hasForbiddenKey } from '../domain/dialects/mapping/soundness.ts';
import { fieldOf } from '../domain/import/columns.ts';
import { segment } from '../domain/import/segment.ts';
import { importContacts } from '../engine/contacts/import.ts';
import type { RefusedEvents, RefusedFile } from '../files/refused-events.ts';
import type { ForeignApi } from './base/api-mount.ts';
import { MOST_BODY_LEVELS } from './base/checks.ts';
import { type RestAsked, type Route, takingWhole } from './base/route.ts';

const NOTHING = z.strictObject({});
const SINGLE = ['track', 'identify', 'page'] as const;
/** The most calls of one request. */
const MOST_CALLS = 10_000;
/** How often the parts of a request are tried by themselves. */
const MOST_TRIES = 100;

const callBody = z.looseObject({
  userId: z.union([z.string(), z.number()]).exactOptional(),
  anonymousId: z.union([z.string(), z.number()]).exactOptional(),
});
const batchBody = z.looseObject({ batch: z.array(z.looseObject({ type: z.string() })).max(MOST_CALLS) });
const successShape = () => z.strictObject({ success: z.literal(true) });

type EventAsked = RestAsked<unknown, unknown>;

function wholeBody({ body }: EventAsked): Record<string, unknown> {
  if (!isObject(body)) throw invalid('The body has to be a JSON object.', { body: 'no object' });
  return body;
}

function batchIn(asked: EventAsked): readonly unknown[] {
  const { batch } = wholeBody(asked);
  if (!Array.isArray(batch)) throw invalid('batch has to be a list of calls.', { batch: 'no list' });
  if (batch.length > MOST_CALLS)
    throw new AppError('LIMIT_EXCEEDED', `A batch may have ${MOST_CALLS} calls, and this one has ${batch.length}.`);
  return batch;
}

/** The types of Segment's calls. What else stands there is a text of whoever sent it. */
const SEGMENT_TYPES: readonly unknown[] = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
/**
 * A value in a reason: a text as JSON has it, whole or cut after 79 characters; one whose end isn't found, up to the end of
 * the reason; and a number of five digits or more.
 */
const SHOWN_VALUE = /"[^"]{78}…|"(?:[^"\\]|\\.)*"|"[\s\S]*$|\d{5,}/g;

const errorRows = z.array(z.object({ row: z.int(), message: z.string() }));

type Refused = Pick<RefusedEvents, 'call' | 'count' | 'reason'>;

/** The type of a call, where it is one of Segment's. */
function typeOf(call: unknown): string {
  const type = isObject(call) && typeof call.type === 'string' ? call.type.toLowerCase() : '';
  return SEGMENT_TYPES.includes(type) ? type : 'call';
}

/** An error without what the calls said. */
function wordlessReason(message: string): string {
  return message.replace(SHOWN_VALUE, '"…"').slice(0, 500);
}

/** What was refused, without what the calls said: a person who is erased later must not stand there. */
function refusedIn(calls: readonly unknown[], { errors, error_count }: Record<string, unknown>): Refused[] {
  const rows = errorRows.safeParse(errors).data ?? [];
  const told = rows.map(({ row, message }) => {
    return { call: typeOf(calls[row - 1]), count: 1, reason: wordlessReason(message) };
  });
  const more = Number(error_count ?? 0) - told.length;
  return more > 0 ? [...told, { call: 'call', count: more, reason: 'as the others of the same request' }] : told;
}

/** Why a call stays behind before anything is made of it; undefined where it doesn't. */
function unsoundness(call: unknown): string | undefined {
  if (depthOf(call, MOST_BODY_LEVELS) > MOST_BODY_LEVELS)
    return `nests deeper than ${MOST_BODY_LEVELS} levels: flatten it`;
  if (hasForbiddenKey(call)) return `holds a key ${FORBIDDEN_KEY}, which no object may have: rename it`;
  return undefined;
}

/** Traits under the names that our fields have: senders of one batch may write `firstName` and `first_name`, each in its own call. */
function plainTraits(traits: unknown): unknown {
  if (!isObject(traits)) return traits;
  const named = Object.entries(traits).map(([name, value]): [string, unknown] => [fieldOf(name) ?? name, value]);
  // Two names of one field in one call: the import says so.
  return new Set(named.map(([name]) => name)).size < named.length ? traits : Object.fromEntries(named);
}

function withPlainTraits(call: unknown): unknown {
  if (!isObject(call)) return call;
  const { traits, context } = call;
  const around = isObject(context) ? { context: { ...context, traits: plainTraits(context.traits) } } : {};
  return { ...call, ...around, traits: plainTraits(traits) };
}

type Keep = (refused: readonly Refused[]) => void;

/** What an import says that takes none of its calls, because of what they are; undefined for any other error. */
function refusalOf(error: unknown): string | undefined {
  const isOfCalls = error instanceof AppError && ['VALIDATION_ERROR', 'LIMIT_EXCEEDED'].includes(error.code);
  return isOfCalls ? wordlessReason(error.message) : undefined;
}

/**
 * Imports calls. Where the whole import is refused because of some, its halves are tried alone, until those are alone that
 * it is because of.
 */
async function importCalls({ house, by }: EventAsked, calls: readonly unknown[], keep: Keep): Promise<void> {
  const waiting = [calls];
  for (let tries = 0; waiting.length > 0; tries++) {
    const part = waiting.pop() ?? [];
    try {
      const taken = await importContacts(house, by, { csv: JSON.stringify(part), format: segment.name });
      keep(refusedIn(part, taken));
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined) throw error;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1 && tries < MOST_TRIES) waiting.push(part.slice(half), part.slice(0, half));
      else keep([{ call: typeOf(part[0]), count: part.length, reason }]);
    }
  }
}

/** Takes calls by the rules of `import_contacts`. One that would have the whole import refused stays behind alone. */
async function take(asked: EventAsked, given: readonly unknown[], keep: Keep) {
  const looked = given.map((call) => ({ call, reason: unsoundness(call) }));
  keep(looked.flatMap(({ call, reason }) => (reason === undefined ? [] : [{ call: typeOf(call), count: 1, reason }])));
  const calls = looked.flatMap(({ call, reason }) => (reason === undefined ? [withPlainTraits(call)] : []));
  if (calls.length > 0) await importCalls(asked, calls, keep);
  return { status: 200, body: { success: true } };
}

/** Segment's HTTP API for events as they happen. What can't be taken is kept for `countersign doctor`. */
export function segmentRest(refused: RefusedFile, now: () => Date): ForeignApi {
  const keeper = (asked: EventAsked) => (told: readonly Refused[]) =>
    refused.add(told.map((item) => ({ at: now().toISOString(), token: asked.by.user, ...item })));
  const common = {
    method: 'POST' as const,
    scope: 'agents:write' as const,
    query: NOTHING,
    answers: { 200: successShape },
  };
  const routes: Route[] = [
    takingWhole({
      ...common,
      path: '/batch',
      summary: 'Take several calls at once: identify, track, page and screen',
      body: batchBody,
      handle: (asked) => take(asked, batchIn(asked), keeper(asked)),
    }),
    ...SINGLE.map((type) =>
      takingWhole({
        ...common,
        path: `/${type}`,
        summary: `Take one ${type} call`,
        body: callBody,
        handle: (asked) => take(asked, [{ ...wholeBody(asked), type }], keeper(asked)),
      }),
    ),
  ];
  return {
    name: 'events',
    title: 'Segment events',
    prefixes: ['/segment/v1'],
    scheme: 'Basic',
    routes,
    neighbours: [],
    takesGzip: true,
    takesAnyDepth: true,
    errorBody: ({ code, message }) => ({ success: false, code, message }),
    errorShape: () => z.strictObject({ success: z.literal(false), code: z.string(), message: z.string() }),
  };
}

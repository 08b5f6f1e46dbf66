import { invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { fieldOf } from './columns.ts';
import type { ImportFormat } from './format.ts';
import { badRow, isLinesOfJson, type Line, lineAt, linesInPieces, sourceOfValues, tryJson } from './json-rows.ts';
import { type LongText, wholeText } from './long-text.ts';
import { excerpt, type RawRow, type RowSource, type Spot } from './raw-row.ts';
import { isNoId } from './words/placeholders.ts';

const EVENT_CALLS = ['page', 'screen', 'track'] as const;
const CALLS: readonly unknown[] = ['identify', ...EVENT_CALLS];
const TIMES = ['timestamp', 'originalTimestamp', 'sentAt', 'receivedAt'] as const;

/** How many values of a list are looked at to detect Segment calls. */
const SAMPLE = 20;

/** Whether a value is one of Segment's calls that an import understands (Segment's spec: common fields). */
function isSegmentCall(value: unknown): boolean {
  return isObject(value) && CALLS.includes(typeOf(value)) && userOf(value) !== undefined && !Object.hasOwn(value, 'id');
}

function holdsCalls(value: unknown): boolean {
  if (Array.isArray(value)) return value.slice(0, SAMPLE).some(isSegmentCall);
  if (isObject(value) && Array.isArray(value.batch)) return value.batch.slice(0, SAMPLE).some(isSegmentCall);
  return isSegmentCall(value);
}

/** Rows of Segment calls: an array, `{batch: [...]}`, one call, or JSON lines of these. */
function segmentRows(text: LongText): RowSource {
  const whole = isLinesOfJson(text) ? undefined : tryJson(wholeText(text));
  if (!whole?.ok) return linesOfCalls(text);
  return sourceOfValues(listOf(whole.value), rowOf);
}

export const segment = {
  name: 'segment',
  title: 'Segment calls',
  detect: (sample) => sample.json()?.first.some(holdsCalls) ?? false,
  rows: segmentRows,
} as const satisfies ImportFormat;

function linesOfCalls(text: LongText): RowSource {
  return {
    *batches() {
      let hasCalls = false;
      for (const lines of linesInPieces(text)) {
        const rows = lines.flatMap((line) => {
          const found = rowsOfLine(line);
          if (Array.isArray(found)) hasCalls ||= found.length > 0;
          else if (!hasCalls) throw notCalls(text);
          return Array.isArray(found) ? found : [badRow(line.spot, 'contact', `isn't valid JSON (${found.why})`)];
        });
        yield rows;
      }
    },
    again(spot) {
      const found = rowsOfLine(lineAt(text, spot));
      return Array.isArray(found) ? found : [];
    },
    end: text.end,
  };
}

function rowsOfLine({ spot, text }: Line): RawRow[] | { why: string } {
  const parsed = tryJson(text);
  return parsed.ok ? listOf(parsed.value).map((value) => rowOf(value, spot)) : parsed;
}

function notCalls(text: LongText): Error {
  const whole = tryJson(wholeText(text));
  const why = whole.ok ? 'it is one value' : whole.why;
  return invalid(`The text is neither JSON (${why}) nor JSON lines of calls: correct it, or give another format.`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isObject(value) && Array.isArray(value.batch)) return value.batch;
  return [value];
}

/** The type of a call, which libraries write in any case. */
function typeOf({ type }: Record<string, unknown>): unknown {
  return typeof type === 'string' ? type.toLowerCase() : type;
}

function userOf(call: Record<string, unknown>): string | number | undefined {
  for (const id of [call.userId, call.user_id, call.anonymousId, call.anonymous_id]) {
    const text = typeof id === 'number' ? String(id) : typeof id === 'string' ? id.trim() : '';
    if ((typeof id === 'string' || typeof id === 'number') && text !== '' && !isNoId(text)) return id;
  }
  return undefined;
}

function rowOf(call: unknown, spot: Spot): RawRow {
  if (!isObject(call)) return badRow(spot, 'contact', 'must be a Segment call, an object with a type');
  if (!CALLS.includes(typeOf(call))) {
    const type = typeof call.type === 'string' ? excerpt(call.type) : 'missing';
    return badRow(
      spot,
      'contact',
      `is a Segment call whose type is ${type}: only identify, page, screen and track are imported`,
    );
  }
  const id = userOf(call);
  // An objection in a call without a user still counts for the address that it names.
  const nobody = id === undefined ? { problem: 'is a Segment call with neither userId nor anonymousId' } : {};
  if (typeOf(call) === 'identify') return { ...identifyRow(call, id, spot), ...anonymousOf(call, id), ...nobody };
  return { ...spot, kind: 'event', cells: eventCells(call, id), text: false, ...traitsOf(call), ...nobody };
}

/** What the context of a call says of the user that it is about, and the address among it. */
function traitsOf({ context }: Record<string, unknown>): Pick<RawRow, 'address' | 'traits'> {
  const traits = isObject(context) ? context.traits : undefined;
  if (!isObject(traits)) return {};
  return { traits, ...(traits.email === undefined ? {} : { address: traits.email }) };
}

/** The anonymousId of a call that has a userId too. */
function anonymousOf(call: Record<string, unknown>, id: string | number | undefined): Pick<RawRow, 'anonymous'> {
  const { anonymousId = call.anonymous_id } = call;
  const isOther = (typeof anonymousId === 'string' || typeof anonymousId === 'number') && anonymousId !== id;
  const text = isOther ? String(anonymousId).trim() : '';
  return text === '' || isNoId(text) ? {} : { anonymous: text };
}

/**
 * An identify call as a row. The context may carry traits too, filled in as the call's own (Segment's spec, common fields):
 * those of the call win, but an objection among the others counts all the same.
 */
function identifyRow(call: Record<string, unknown>, id: string | number | undefined, spot: Spot): RawRow {
  const { traits } = call;
  if (traits !== undefined && traits !== null && !isObject(traits))
    return badRow(spot, 'contact', 'traits must be an object');
  const cells = new Map<string, unknown>(id === undefined ? [] : [['id', id]]);
  const keyOf = (name: string) => fieldOf(name) ?? name;
  const own = new Set(Object.keys(traits ?? {}).map(keyOf));
  const beside = Object.entries(traitsOf(call).traits ?? {});
  const isOverruled = ([name]: [string, unknown]) => own.has(keyOf(name));
  const overruled = beside.filter(isOverruled);
  for (const [name, value] of [...beside.filter((each) => !isOverruled(each)), ...Object.entries(traits ?? {})]) {
    const field = fieldOf(name);
    if (field === 'id') continue;
    cells.set(name, field === 'company' && isObject(value) ? value.name : value);
  }
  const told = overruled.length > 0 ? { traits: Object.fromEntries(overruled) } : {};
  return { ...spot, kind: 'contact', cells: Object.fromEntries(cells), text: false, ...told };
}

function eventCells(call: Record<string, unknown>, id: string | number | undefined): Record<string, unknown> {
  const time = TIMES.find((key) => call[key] !== undefined && call[key] !== null && call[key] !== '');
  const type = typeOf(call);
  const cells: Record<string, unknown> = {
    contact_id: id,
    type,
    name: type === 'track' ? call.event : call.name,
    properties: type === 'track' ? call.properties : pageProperties(call),
    messageId: call.messageId ?? call.message_id,
  };
  if (time) cells.timestamp = call[time];
  return cells;
}

/** The properties of a page or screen call, with its name and category, which Segment puts beside the properties. */
function pageProperties(call: Record<string, unknown>): unknown {
  if (call.properties !== undefined && call.properties !== null && !isObject(call.properties)) return call.properties;
  const outer = ['name', 'category'].filter((key) => typeof call[key] === 'string' && call[key] !== '');
  const given = Object.entries(call.properties ?? {});
  return Object.fromEntries([...outer.map((key) => [key, call[key]] as const), ...given]);
}

import { invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { fieldOf } from './columns.ts';
import type { ImportFormat } from './format.ts';
import { badRow, linesOf, tryJson } from './json-rows.ts';
import { columnsOf, excerpt, type RawRow, type RawRows, refuseTooManyRows } from './raw-row.ts';
import { isNoId } from './words/placeholders.ts';

const EVENT_CALLS = ['page', 'screen', 'track'] as const;
const CALLS: readonly unknown[] = ['identify', ...EVENT_CALLS];
const TIMES = ['timestamp', 'originalTimestamp', 'sentAt', 'receivedAt'] as const;

/** How many values of a list are looked at to detect Segment calls. */
const SAMPLE = 20;

type SegmentCall = { value: unknown; row: number; problem?: string };

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
function segmentRows(text: string): RawRows {
  const calls = callsIn(text);
  refuseTooManyRows(calls.length);
  const rows = calls.map(({ value, row, problem }) => (problem ? badRow(row, 'contact', problem) : rowOf(value, row)));
  return { rows, columns: columnsOf(rows) };
}

export const segment = {
  name: 'segment',
  title: 'Segment calls',
  detect: (sample) => sample.json()?.first.some(holdsCalls) ?? false,
  rows: segmentRows,
} as const satisfies ImportFormat;

function callsIn(text: string): SegmentCall[] {
  const whole = tryJson(text);
  if (whole.ok) return listOf(whole.value).map((value, index) => ({ value, row: index + 1 }));
  const calls: SegmentCall[] = [];
  for (const line of linesOf(text)) {
    const parsed = tryJson(line.text);
    if (!parsed.ok && calls.length === 0)
      throw invalid(
        `The text is neither JSON (${whole.why}) nor JSON lines of calls: correct it, or give another format.`,
      );
    if (!parsed.ok) calls.push({ value: undefined, row: line.number, problem: `isn't valid JSON (${parsed.why})` });
    else for (const value of listOf(parsed.value)) calls.push({ value, row: line.number });
    refuseTooManyRows(calls.length);
  }
  return calls;
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

function rowOf(call: unknown, row: number): RawRow {
  if (!isObject(call)) return badRow(row, 'contact', 'must be a Segment call, an object with a type');
  if (!CALLS.includes(typeOf(call))) {
    const type = typeof call.type === 'string' ? excerpt(call.type) : 'missing';
    return badRow(
      row,
      'contact',
      `is a Segment call whose type is ${type}: only identify, page, screen and track are imported`,
    );
  }
  const id = userOf(call);
  // An objection in a call without a user still counts for the address that it names.
  const nobody = id === undefined ? { problem: 'is a Segment call with neither userId nor anonymousId' } : {};
  if (typeOf(call) === 'identify') return { ...identifyRow(call.traits, id, row), ...anonymousOf(call, id), ...nobody };
  return { row, kind: 'event', cells: eventCells(call, id), text: false, ...addressOf(call), ...nobody };
}

/** The address in the context of a call, of the user that it is about. */
function addressOf({ context }: Record<string, unknown>): Pick<RawRow, 'address'> {
  const traits = isObject(context) ? context.traits : undefined;
  return isObject(traits) && traits.email !== undefined ? { address: traits.email } : {};
}

/** The anonymousId of a call that has a userId too. */
function anonymousOf(call: Record<string, unknown>, id: string | number | undefined): Pick<RawRow, 'anonymous'> {
  const { anonymousId = call.anonymous_id } = call;
  const isOther = (typeof anonymousId === 'string' || typeof anonymousId === 'number') && anonymousId !== id;
  const text = isOther ? String(anonymousId).trim() : '';
  return text === '' || isNoId(text) ? {} : { anonymous: text };
}

function identifyRow(traits: unknown, id: string | number | undefined, row: number): RawRow {
  if (traits !== undefined && traits !== null && !isObject(traits))
    return badRow(row, 'contact', 'traits must be an object');
  const cells = new Map<string, unknown>(id === undefined ? [] : [['id', id]]);
  for (const [name, value] of Object.entries(traits ?? {})) {
    const field = fieldOf(name);
    if (field === 'id') continue;
    cells.set(name, field === 'company' && isObject(value) ? value.name : value);
  }
  return { row, kind: 'contact', cells: Object.fromEntries(cells), text: false };
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

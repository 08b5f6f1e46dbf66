import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject } from '../domain/base/json.ts';
import { Damaged, isSameItem, jsonAt, mergedJson, type Put, type TextFormat, withValue } from './part.ts';

/** A text must say exactly what was meant, else it isn't used. */
function checked(format: TextFormat, text: string, wanted: JsonObject): string {
  if (!isDeepStrictEqual(format.parse(text), wanted))
    throw new Damaged("it is written in a way that Countersign can't change safely. Change it by hand");
  return text;
}

/** Refuses an entry of somebody else's under the same name. */
function demandOwn(existing: Json | undefined, { entry }: Put): void {
  if (existing === undefined || entry === undefined || entry === 'countersign') return;
  if (!JSON.stringify(existing).toLowerCase().includes('countersign'))
    throw new Damaged(`"${entry}" in it is another server. Choose another --name`);
}

/** Refuses a place inside something that holds no places. */
function demandRoom(root: JsonObject, at: readonly string[]): void {
  for (const [index] of at.slice(1).entries()) {
    const around = at.slice(0, index + 1);
    const value = jsonAt(root, around);
    if (value !== undefined && !isObject(value)) throw new Damaged(`"${around.join('.')}" in it is no object`);
  }
}

/** Makes room for a put: a rule that is one word for everything becomes the `*` of an object. */
function spread(format: TextFormat, text: string, { at, spreads }: Put): string {
  const around = at.slice(0, -1);
  const root = format.parse(text);
  const word = jsonAt(root, around);
  if (spreads === undefined || typeof word !== 'string') return text;
  return checked(format, format.put(text, around, { '*': word }), withValue(root, around, { '*': word }));
}

/** Writes what differs, key by key, so that comments inside an entry stay. */
function leaves(format: TextFormat, text: string, at: readonly string[], wanted: Json): string {
  const existing = jsonAt(format.parse(text), at);
  if (isDeepStrictEqual(existing, wanted)) return text;
  if (!isObject(existing) || !isObject(wanted)) return format.put(text, at, wanted);
  return Object.entries(wanted).reduce((next, [key, value]) => leaves(format, next, [...at, key], value), text);
}

function withPutValue(format: TextFormat, before: string, put: Put, value: Json): string {
  const text = spread(format, before, put);
  const root = format.parse(text);
  demandRoom(root, put.at);
  const existing = jsonAt(root, put.at);
  if (existing !== undefined && put.keeps) return before;
  demandOwn(existing, put);
  const wanted = mergedJson(mergedJson(put.defaults, existing ?? put.defaults ?? null), value);
  return checked(format, leaves(format, text, put.at, wanted), withValue(root, put.at, wanted));
}

function listAt(root: JsonObject, at: readonly string[]): readonly Json[] {
  const list = jsonAt(root, at) ?? [];
  if (!Array.isArray(list)) throw new Damaged(`"${at.join('.')}" in it is no list`);
  return list;
}

function withPutItem(format: TextFormat, text: string, put: Put, item: Json): string {
  const root = format.parse(text);
  demandRoom(root, put.at);
  const list = listAt(root, put.at);
  const index = list.findIndex((other) => isSameItem(other, item));
  const existing = list[index];
  demandOwn(existing, put);
  const wanted = mergedJson(mergedJson(put.defaults, existing ?? put.defaults ?? null), item);
  if (isDeepStrictEqual(existing, wanted)) return text;
  const without = existing === undefined ? text : format.takeItem(text, put.at, index);
  const next = format.addItem(without, put.at, wanted);
  const others = index === -1 ? list : list.toSpliced(index, 1);
  return checked(format, next, withValue(root, put.at, [...others, wanted]));
}

/** The text with everything that Countersign puts there. Where it is there already, the same text. */
export function withPuts(format: TextFormat, text: string, puts: readonly Put[]): string {
  return puts.reduce((before, put) => {
    const next = put.value === undefined ? before : withPutValue(format, before, put, put.value);
    return (put.items ?? []).reduce<string>((rest, item) => withPutItem(format, rest, put, item), next);
  }, text);
}

/** What of Countersign's a text holds, by the values that it has there now. */
export function putsIn(format: TextFormat, text: string, puts: readonly Put[]): Put[] {
  const root = format.parse(text);
  return puts.flatMap((put): Put[] => {
    const list = put.items === undefined ? undefined : jsonAt(root, put.at);
    const found = Array.isArray(list) ? list.filter((one) => put.items?.some((item) => isSameItem(item, one))) : [];
    const value = put.value === undefined ? undefined : jsonAt(root, put.at);
    // A person's own rule that says something else isn't ours.
    const isOther = put.keeps && !isDeepStrictEqual(value, put.value);
    const { at, spreads } = put;
    const marks = { ...(spreads ? { spreads } : {}), ...(put.entry === undefined ? {} : { entry: put.entry }) };
    if (found.length > 0) return [{ at, items: found, ...marks }];
    return value === undefined || isOther ? [] : [{ at, value, ...marks }];
  });
}

function isEmpty(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Takes away what is empty now around a place, and wasn't empty before. */
function withoutEmpty(format: TextFormat, text: string, at: readonly string[], before: JsonObject): string {
  if (at.length === 0 || isEmpty(jsonAt(before, at))) return text;
  const root = format.parse(text);
  const value = jsonAt(root, at);
  if (value !== undefined && !isEmpty(value)) return text;
  const next = value === undefined ? text : checked(format, format.take(text, at), withValue(root, at, undefined));
  return withoutEmpty(format, next, at.slice(0, -1), before);
}

function withoutItem(format: TextFormat, text: string, at: readonly string[], item: Json): string {
  const root = format.parse(text);
  const list = listAt(root, at);
  const index = list.findIndex((other) => isSameItem(other, item));
  if (index === -1) return text;
  const next = format.takeItem(text, at, index);
  const rest = list.toSpliced(index, 1);
  const said = jsonAt(format.parse(next), at);
  return checked(format, next, withValue(root, at, said === undefined && rest.length === 0 ? undefined : [...rest]));
}

/** The text without what Countersign put there; what `before` had at those places is there again. */
export function withoutPuts(format: TextFormat, text: string, puts: readonly Put[], before: JsonObject): string {
  return puts.reduce((rest, { at, value, items = [] }) => {
    const root = format.parse(rest);
    const earlier = jsonAt(before, at);
    let next = rest;
    if (value !== undefined)
      next = checked(
        format,
        earlier === undefined ? format.take(rest, at) : format.put(rest, at, earlier),
        withValue(root, at, earlier),
      );
    const kept = Array.isArray(earlier) ? earlier : [];
    for (const item of items)
      if (!kept.some((one) => isDeepStrictEqual(one, item))) next = withoutItem(format, next, at, item);
    return withoutEmpty(format, next, value === undefined ? at : at.slice(0, -1), before);
  }, text);
}

import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject } from '../domain/base/json.ts';
import { Damaged, demandModest, jsonAt, plainObject, type TextFormat, withValue } from './part.ts';

type Library = typeof import('@decimalturn/toml-patch');

function reason(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}

function read(text: string, { parse }: Library): JsonObject {
  demandModest(text);
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const at = /\((\d+), \d+\)/.exec(reason(error))?.[1];
    throw new Damaged(`it is no TOML${at === undefined ? '' : ` (line ${at})`}`);
  }
  return plainObject(value);
}

/** A value of one line, in TOML: its strings and lists are those of JSON. */
function inline(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  return JSON.stringify(value);
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** A table and those in it, as people write them: a header a table, then a line a value. */
function tableText(at: readonly string[], table: JsonObject): string {
  const entries = Object.entries(table);
  const own = entries
    .filter(([, value]) => !isObject(value))
    .map(([key, value]) => `${keyText(key)} = ${inline(value)}`);
  const inner = entries.flatMap(([key, value]) => (isObject(value) ? [tableText([...at, key], value)] : []));
  return [[`[${at.map(keyText).join('.')}]`, ...own].join('\n'), ...inner].join('\n\n');
}

/** TOML, with everything that isn't changed as it was. */
export async function tomlFormat(): Promise<TextFormat> {
  const library = await import('@decimalturn/toml-patch');
  const parse = (text: string) => read(text, library);

  function patched(text: string, value: JsonObject): string {
    try {
      return library.patch(text, value);
    } catch (error) {
      throw new Damaged(`its TOML can't be changed (${reason(error)})`);
    }
  }

  /** The text with a table at its end, where that is all it takes; undefined where the file is written another way. */
  function appended(text: string, table: string, wanted: JsonObject): string | undefined {
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const gap = text.trim() === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
    const next = `${text.trim() === '' ? '' : text}${gap}${table.replaceAll('\n', eol)}${eol}`;
    try {
      return isDeepStrictEqual(parse(next), wanted) ? next : undefined;
    } catch {
      return undefined;
    }
  }

  function put(text: string, at: readonly string[], value: Json): string {
    const before = parse(text);
    const wanted = withValue(before, at, value);
    const isNewTable = isObject(value) && jsonAt(before, at) === undefined;
    return (isNewTable ? appended(text, tableText(at, value), wanted) : undefined) ?? patched(text, wanted);
  }

  return {
    parse,
    put,
    take: (text, at) => patched(text, withValue(parse(text), at, undefined)),
    addItem(text, at, item) {
      const before = parse(text);
      const list = jsonAt(before, at) ?? [];
      if (!Array.isArray(list)) throw new Damaged(`"${at.join('.')}" in it is no list`);
      const wanted = withValue(before, at, [...list, item]);
      const table = isObject(item) ? tableText(at, item).replace(/^\[(.*)\]/, '[[$1]]') : undefined;
      return (table === undefined ? undefined : appended(text, table, wanted)) ?? patched(text, wanted);
    },
    takeItem(text, at, index) {
      const before = parse(text);
      const list = jsonAt(before, at);
      return Array.isArray(list) ? patched(text, withValue(before, at, list.toSpliced(index, 1))) : text;
    },
  };
}

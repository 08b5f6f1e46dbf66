import type { Document, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Json } from '../domain/base/json.ts';
import { Damaged, demandModest, plainObject, type TextFormat } from './part.ts';

type Library = typeof import('yaml');

/** Refuses a map that has a key twice. The parser's own look compares each key with every other one. */
function demandUniqueKeys(document: Document.Parsed, { isScalar, visit }: Library): void {
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (names.has(name)) throw new Damaged(`it has "${String(name)}" twice in one map`);
        names.add(name);
      }
    },
  });
}

function documentOf(text: string, library: Library): Document.Parsed | undefined {
  demandModest(text);
  const documents = library.parseAllDocuments(text, { keepSourceTokens: true, uniqueKeys: false });
  if (!Array.isArray(documents)) return undefined;
  const [document, ...more] = documents;
  if (document === undefined) return undefined;
  if (more.length > 0) throw new Damaged('it holds several YAML documents');
  const [error] = document.errors;
  if (error !== undefined) throw new Damaged(`it is no YAML (line ${error.linePos?.[0].line ?? '?'})`);
  demandUniqueKeys(document, library);
  return document;
}

/** The map at the top of a text; undefined where the text holds nothing yet. */
function yamlRoot(text: string, library: Library): YAMLMap | undefined {
  const contents = documentOf(text, library)?.contents;
  if (contents === undefined || contents === null) return undefined;
  if (library.isScalar(contents) && contents.value === null) return undefined;
  if (!library.isMap(contents)) throw new Damaged('it holds no YAML map');
  if (contents.flow) throw new Damaged('it is written in braces. Add the server by hand');
  return contents;
}

function pairOf(root: YAMLMap | undefined, key: string, { isScalar }: Library): Pair | undefined {
  return root?.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** The place behind the last character of a line. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

type Ranged = { range?: readonly [number, number, number] | null | undefined };

/** Where a node begins, and where its value ends. */
function rangeOf(node: unknown): [start: number, end: number] {
  const ranged: Ranged = typeof node === 'object' && node !== null ? node : {};
  if (!ranged.range) throw new Damaged('a part of it has no place in its text');
  return [ranged.range[0], ranged.range[1]];
}

/** An item of a list as lines, each behind `indent`. */
function itemText(item: Json, indent: string, eol: string, { stringify }: Library): string {
  const lines = stringify([item], { lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line) => (line === '' ? '' : indent + line)).join(eol);
}

/** Puts lines behind the line on which a place is. */
function withLines(text: string, offset: number, lines: string, eol: string): string {
  const isAtStart = offset > 0 && text[offset - 1] === '\n';
  if (isAtStart) return `${text.slice(0, offset)}${lines}${eol}${text.slice(offset)}`;
  const end = lineEnd(text, offset);
  return `${text.slice(0, end)}${eol}${lines}${text.slice(end)}`;
}

function withFlowItem(text: string, list: YAMLSeq, item: Json): string {
  const [, end] = rangeOf(list);
  const inside = text.slice(rangeOf(list)[0] + 1, end - 1).trimEnd();
  const separator = list.items.length === 0 || inside.endsWith(',') ? '' : ', ';
  return `${text.slice(0, end - 1)}${separator}${JSON.stringify(item)}${text.slice(end - 1)}`;
}

/** The text with a list of one item under a new key, behind everything else. */
function withKey(text: string, key: string, lines: string, eol: string): string {
  const gap = text === '' || text.endsWith('\n') ? '' : eol;
  return `${text}${gap}${key}:${eol}${lines}${eol}`;
}

/** Takes the lines of an item out, and the line of its key where it was the only one. */
function withoutItem(text: string, { items }: YAMLSeq, index: number, from: number): string {
  const [start, valueEnd] = rangeOf(items[index]);
  const dash = lineStart(text, start);
  const end = text[valueEnd - 1] === '\n' ? valueEnd : lineEnd(text, valueEnd);
  const rest = text.slice(end).replace(/^\r?\n/, '');
  return text.slice(0, items.length === 1 ? lineStart(text, from) : dash) + rest;
}

function listOf(text: string, key: string, library: Library): { pair: Pair; list: YAMLSeq } | undefined {
  const pair = pairOf(yamlRoot(text, library), key, library);
  return pair !== undefined && library.isSeq(pair.value) ? { pair, list: pair.value } : undefined;
}

function withItem(text: string, key: string, item: Json, library: Library): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const { isSeq, isScalar } = library;
  const pair = pairOf(yamlRoot(text, library), key, library);
  if (pair === undefined) return withKey(text, key, itemText(item, '  ', eol, library), eol);
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null))
    return withLines(text, rangeOf(pair.key)[1], itemText(item, '  ', eol, library), eol);
  if (!isSeq(value)) throw new Damaged(`"${key}" in it is no list`);
  if (value.flow) return withFlowItem(text, value, item);
  const [first] = rangeOf(value);
  const indent = text.slice(lineStart(text, first), first);
  return withLines(text, rangeOf(value.items.at(-1))[1], itemText(item, indent, eol, library), eol);
}

function withoutFlowItem(text: string, { items }: YAMLSeq, index: number): string {
  const [start, end] = rangeOf(items[index]);
  if (index > 0) return text.slice(0, rangeOf(items[index - 1])[1]) + text.slice(end);
  return text.slice(0, start) + text.slice(end).replace(/^\s*,\s*/, '');
}

/** The values of a document. Names that stand for very much are no settings. */
function valuesOf(document: Document.Parsed | undefined): unknown {
  try {
    return document?.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw error instanceof ReferenceError ? new Damaged('its aliases stand for too much') : error;
  }
}

/** YAML whose lists at the top Countersign adds to. Nothing else of the text is written anew. */
export async function yamlFormat(): Promise<TextFormat> {
  const library = await import('yaml');
  return {
    parse(text) {
      yamlRoot(text, library);
      return plainObject(valuesOf(documentOf(text, library)));
    },
    put() {
      throw new Damaged('only lists at the top of a YAML file are written');
    },
    take(text, [key = '']) {
      const found = listOf(text, key, library);
      if (found === undefined || found.list.items.length > 0) return text;
      const [start] = rangeOf(found.pair.key);
      return text.slice(0, lineStart(text, start)) + text.slice(lineEnd(text, start)).replace(/^\r?\n/, '');
    },
    addItem: (text, [key = ''], item) => withItem(text, key, item, library),
    takeItem(text, [key = ''], index) {
      const found = listOf(text, key, library);
      if (found === undefined) return text;
      const { pair, list } = found;
      return list.flow ? withoutFlowItem(text, list, index) : withoutItem(text, list, index, rangeOf(pair.key)[0]);
    },
  };
}

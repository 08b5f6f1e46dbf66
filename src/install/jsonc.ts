import type { Node, ParseError } from 'jsonc-parser';
import type { Json } from '../domain/base/json.ts';
import { Damaged, plainObject, type TextFormat } from './part.ts';

type Library = typeof import('jsonc-parser');
/** A replacement in a text: from `start` to `end` stands `text` afterwards. */
type Splice = { start: number; end: number; text: string };

const OPTIONS = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true };

function spliced(text: string, splices: readonly Splice[]): string {
  const last = splices.toReversed().toSorted((one, other) => other.start - one.start);
  return last.reduce((rest, { start, end, text: piece }) => rest.slice(0, start) + piece + rest.slice(end), text);
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The spaces and tabs with which the line of a place begins. */
function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[\t ]*/.exec(text.slice(start))?.[0] ?? '';
}

/** How the lines of a text end, and by what each level of it is indented: as its first indented line. */
function styleOf(text: string): { eol: string; unit: string } {
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit: /\n([\t ]+)\S/.exec(text)?.[1] ?? '  ' };
}

function nodeEnd(node: Node): number {
  return node.offset + node.length;
}

/** The name of a property that an object in the text has twice: which of them counts is a matter of taste. */
function twiceIn(node: Node): string | undefined {
  const children = node.children ?? [];
  if (node.type === 'object') {
    const names = new Set<string>();
    for (const { children: [key] = [] } of children) {
      const name = String(key?.value);
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  for (const child of children) {
    const twice = twiceIn(child);
    if (twice !== undefined) return twice;
  }
  return undefined;
}

function treeOf(text: string, { parseTree, printParseErrorCode }: Library): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, OPTIONS);
  const [error] = errors;
  if (error !== undefined)
    throw new Damaged(`it is no JSON (line ${lineOf(text, error.offset)}: ${printParseErrorCode(error.error)})`);
  if (root === undefined) return undefined;
  if (root.type !== 'object') throw new Damaged('it holds no JSON object');
  const twice = twiceIn(root);
  if (twice !== undefined) throw new Damaged(`it has "${twice}" twice in one object, and one of them hides the other`);
  return root;
}

/**
 * Whether only white space and comments stand between a node and a comma behind it; where that comma is. The parser's own
 * scanner tells: it passes each character once, whatever a comment holds.
 */
function commaAfter(text: string, offset: number, { createScanner }: Library): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return text[at] === ',' ? at : undefined;
}

/** The text of a value, indented for the line on which it begins. */
function valueText(value: Json, indent: string, { eol, unit }: { eol: string; unit: string }): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + indent);
}

/** Puts a member (`label` is its key with a colon, empty in a list) behind the last one of an object or a list. */
function withMember(text: string, container: Node, member: { label: string; value: Json }, library: Library): string {
  const { label, value } = member;
  const style = styleOf(text);
  const last = container.children?.at(-1);
  const close = nodeEnd(container) - 1;
  const inside = text.slice(container.offset + 1, close);
  if (last !== undefined && !inside.includes('\n')) {
    const comma = commaAfter(text, nodeEnd(last), library) === undefined ? ', ' : ' ';
    const at = commaAfter(text, nodeEnd(last), library) ?? nodeEnd(last) - 1;
    return spliced(text, [{ start: at + 1, end: at + 1, text: `${comma}${label}${JSON.stringify(value)}` }]);
  }
  const outer = indentAt(text, container.offset);
  const indent = last === undefined ? outer + style.unit : indentAt(text, last.offset);
  const content = close - (inside.length - inside.trimEnd().length);
  const needsComma = last !== undefined && commaAfter(text, nodeEnd(last), library) === undefined;
  return spliced(text, [
    ...(needsComma ? [{ start: nodeEnd(last), end: nodeEnd(last), text: ',' }] : []),
    {
      start: content,
      end: close,
      text: `${style.eol}${indent}${label}${valueText(value, indent, style)}${style.eol}${outer}`,
    },
  ]);
}

/** Takes a member out of an object or a list: with its line, and with the comma that it no longer needs. */
function withoutMember(text: string, container: Node, member: Node, library: Library): string {
  const members = container.children ?? [];
  const index = members.indexOf(member);
  const previous = members[index - 1];
  const start = text.slice(0, member.offset).trimEnd().length;
  const after = commaAfter(text, nodeEnd(member), library);
  const before = previous === undefined ? undefined : commaAfter(text, nodeEnd(previous), library);
  const around = text.slice(container.offset + 1, member.offset) + text.slice(nodeEnd(member), nodeEnd(container) - 1);
  if (members.length === 1 && around.trim() === '')
    return spliced(text, [{ start: container.offset + 1, end: nodeEnd(container) - 1, text: '' }]);
  const comma = after ?? before;
  return spliced(text, [
    { start, end: nodeEnd(member), text: '' },
    ...(comma === undefined ? [] : [{ start: comma, end: comma + 1, text: '' }]),
  ]);
}

/** An object that holds a value at a path of keys. */
function nested(keys: readonly string[], value: Json): Json {
  return keys.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

type Path = readonly (string | number)[];

function putValue(text: string, at: readonly string[], value: Json, library: Library): string {
  const root = treeOf(text, library);
  if (root === undefined) return putValue(`${text.trim() === '' ? '' : `${text.trimEnd()}\n`}{}\n`, at, value, library);
  const find = (path: Path) => library.findNodeAtLocation(root, [...path]);
  const there = find(at);
  if (there !== undefined) {
    const piece = valueText(value, indentAt(text, there.offset), styleOf(text));
    return spliced(text, [{ start: there.offset, end: nodeEnd(there), text: piece }]);
  }
  const depth = at.findIndex((_, index) => find(at.slice(0, index + 1)) === undefined);
  const container = depth === 0 ? root : find(at.slice(0, depth));
  const [key = '', ...rest] = at.slice(depth);
  if (container?.type !== 'object') throw new Damaged(`"${at.slice(0, depth).join('.')}" in it is no object`);
  return withMember(text, container, { label: `${JSON.stringify(key)}: `, value: nested(rest, value) }, library);
}

/** The text without the member of an object or a list at a path; as it was where there is none. */
function takeMember(text: string, at: Path, library: Library): string {
  const root = treeOf(text, library);
  const value = root && library.findNodeAtLocation(root, [...at]);
  const found = typeof at.at(-1) === 'number' ? value : value?.parent;
  return found?.parent === undefined ? text : withoutMember(text, found.parent, found, library);
}

/** JSON as programs of people keep it: with comments and trailing commas, which stay where they are. */
export async function jsoncFormat(): Promise<TextFormat> {
  const library = await import('jsonc-parser');
  return {
    parse(text) {
      const root = treeOf(text, library);
      return plainObject(root === undefined ? {} : library.getNodeValue(root));
    },
    put: (text, at, value) => putValue(text, at, value, library),
    take: (text, at) => takeMember(text, at, library),
    addItem(text, at, item) {
      const root = treeOf(text, library);
      const list = root && library.findNodeAtLocation(root, [...at]);
      if (list === undefined) return putValue(text, at, [item], library);
      if (list.type !== 'array') throw new Damaged(`"${at.join('.')}" in it is no list`);
      return withMember(text, list, { label: '', value: item }, library);
    },
    takeItem: (text, at, index) => takeMember(text, [...at, index], library),
  };
}

import type { DeskApp } from '../base/desk.ts';
import { likeness, type Piece, wordDifference } from '../text/difference.ts';
import { asText } from '../text/words.ts';
import { wouldBeParams } from './edit.ts';
import type { ActionItem } from './items.ts';

/** Letters that say the same but for some words: the first of them, and what each of them says in other words. */
export type Alike = { items: ActionItem[]; text: string; pieces: Piece[]; others: Map<string, string> };

const ALIKE = 0.6;

function letterText(desk: DeskApp, item: ActionItem): string {
  const { subject, message, ...rest } = wouldBeParams(desk, item);
  const others = Object.entries(rest).map(([name, value]) => `${name}: ${asText(value)}`);
  return [subject, message, ...others]
    .map(asText)
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The words of the first letter that others don't have, as pieces of it: a piece that differs is `added`. */
function marksOf(text: string, differences: readonly Piece[][]): Piece[] {
  const differs = new Array<boolean>(text.length).fill(false);
  for (const pieces of differences) {
    let at = 0;
    for (const { text: part, kind } of pieces) {
      if (kind === 'taken') differs.fill(true, at, at + part.length);
      if (kind !== 'added') at += part.length;
    }
  }
  const marks: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    const kind = differs[at] ? 'added' : 'same';
    const last = marks.at(-1);
    if (last?.kind === kind) last.text += letter;
    else marks.push({ text: letter, kind });
  }
  return marks;
}

const differingWords = (pieces: readonly Piece[], kind: Piece['kind']) =>
  pieces
    .filter((piece) => piece.kind === kind)
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join(' … ');

/** What the first letter says where the others differ. */
function ownWords(marks: readonly Piece[]): string {
  return differingWords(marks, 'added');
}

/** Puts together what an agent wrote nearly the same to several people. */
export function alikeOf(desk: DeskApp, items: readonly ActionItem[]): Alike[] {
  const groups: { items: ActionItem[]; text: string; differences: Piece[][] }[] = [];
  for (const item of items) {
    const text = letterText(desk, item);
    const found = groups
      .filter(({ items: [first] }) => first?.row.agent_id === item.row.agent_id && first.row.type === item.row.type)
      .map((group) => ({ group, pieces: wordDifference(group.text, text) }))
      .find(({ pieces }) => likeness(pieces) >= ALIKE);
    if (!found) groups.push({ items: [item], text, differences: [[]] });
    else {
      found.group.items.push(item);
      found.group.differences.push(found.pieces);
    }
  }
  return groups.map(({ items: members, text, differences }) => {
    const pieces = marksOf(text, differences);
    const others = members.map((item, at): [string, string] => [
      item.key,
      at === 0 ? ownWords(pieces) : differingWords(differences[at] ?? [], 'added'),
    ]);
    return { items: members, text, pieces, others: new Map(others) };
  });
}

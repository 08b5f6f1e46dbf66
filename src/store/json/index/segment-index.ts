import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { errorCode, isFolder } from '../../../files/durable.ts';
import { Folders } from '../documents/folders.ts';
import { damaged } from '../log/faults.ts';
import { segmentPath } from '../log/segments.ts';
import { Behind, readSnapshot, writeSnapshot } from '../snapshots/snapshot.ts';
import { idHash, mentionsIn, type ResultsHead } from './mentions.ts';
import { countedLines } from './segment-lines.ts';
import type { SegmentPrint, SegmentReader } from './segment-reader.ts';

/**
 * Where a segment of the log speaks of which contact. `starts` has the offset of each line that counts, `heads` what
 * events of results say beside them. `rows` has the mentions, many to a text: each as the hash of the contact's id (5 characters), its kind (1), its offset, a dot and its
 * length, the numbers in base 36. They are sorted, hold no id, and take less than a tenth of what they speak of.
 */
export type SegmentIndex = {
  starts: readonly number[];
  heads: readonly ResultsHead[];
  rows: readonly string[];
  isSealed: boolean;
};
type KeptIndex = SegmentPrint & Omit<SegmentIndex, 'isSealed'> & { layout: number };

/**
 * A mention of a contact, in the line of commit `n`. Another contact's id may have the same hash. `head` is that of the
 * event of results that it may stand in.
 */
export type IndexedMention = { kind: string; n: number; from: number; to: number; head: ResultsHead | undefined };

/** Raise it with any change to what an index holds: one of another layout is made again. */
const LAYOUT = 1;
const HASH_LENGTH = 5;
/** So many mentions are looked for before other calls of the process get their turn. */
const AT_ONCE = 2_048;
/** So many mentions stand in one text. */
const TO_A_ROW = 64;
/** The mentions of a segment are numbered below this, so that a hash and such a number fit into one exact number. */
const MOST = 2 ** 27;

function written(hash: number): string {
  return hash.toString(36).padStart(HASH_LENGTH, '0');
}

/** How the rows of a contact begin. */
export function rowsBegin(contactId: string): string {
  const bytes = Buffer.from(JSON.stringify(contactId));
  return written(idHash(bytes, 0, bytes.length));
}

/** The first place in a sorted list that isn't before what is sought. */
function placeIn<T>(list: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a segment that begins with commit `first` may speak of a contact, in the log's order. */
export function mentionsOf(index: SegmentIndex, first: number, begin: string): IndexedMention[] {
  const { rows } = index;
  const found: IndexedMention[] = [];
  // The first ones may stand at the end of the row before.
  for (let at = Math.max(0, placeIn(rows, (row) => row < begin) - 1); at < rows.length; at++) {
    const row = rows[at] ?? '';
    if (row.slice(0, HASH_LENGTH) > begin) break;
    for (const text of row.split(' ')) if (text.startsWith(begin)) found.push(mentionIn(text, first, index));
  }
  return found.sort((one, other) => one.from - other.from);
}

function mentionIn(text: string, first: number, { starts, heads }: SegmentIndex): IndexedMention {
  const dot = text.indexOf('.');
  const kind = text.charAt(HASH_LENGTH);
  const from = Number.parseInt(text.slice(HASH_LENGTH + 1, dot), 36);
  const to = from + Number.parseInt(text.slice(dot + 1), 36);
  const head = heads[placeIn(heads, (each) => each.from < from) - 1];
  return { kind, n: first - 1 + placeIn(starts, (start) => start <= from), from, to, head };
}

/** The mentions in a segment, each under its hash and its number, and the heads of its events of results. */
type Found = { keys: number[]; texts: string[]; heads: ResultsHead[] };

/** What a segment's lines say of contacts, letting other calls run in between. */
async function foundIn(bytes: Buffer, starts: readonly number[], segment: SegmentReader): Promise<Found> {
  const { keys, texts, heads }: Found = { keys: [], texts: [], heads: [] };
  for (const [index, start] of starts.entries()) {
    try {
      for (const found of mentionsIn(bytes, start)) {
        if (!('hash' in found)) {
          heads.push(found);
          continue;
        }
        keys.push(found.hash * MOST + texts.length);
        texts.push(`${found.kind}${found.from.toString(36)}.${(found.to - found.from).toString(36)}`);
        if (texts.length % AT_ONCE === 0) await turn();
      }
    } catch (error) {
      throw error instanceof SyntaxError ? damaged(segment.first + index, segment.file) : error;
    }
  }
  return { keys, texts, heads };
}

/** The rows of an index, letting other calls run in between. */
async function rowsOf({ keys, texts }: Found): Promise<string[]> {
  const rows: string[] = [];
  // Sorting numbers takes a tenth of the time of sorting texts.
  const sorted = Float64Array.from(keys).sort();
  for (let at = 0; at < sorted.length; at += TO_A_ROW) {
    const row = Array.from(sorted.subarray(at, at + TO_A_ROW), (key) => {
      return `${written(Math.floor(key / MOST))}${texts[key % MOST] ?? ''}`;
    });
    rows.push(row.join(' '));
    if (rows.length % (AT_ONCE / TO_A_ROW) === 0) await turn();
  }
  return rows;
}

/** Makes the index of a segment by reading all of it, letting other calls run in between. */
async function made(segment: SegmentReader): Promise<SegmentIndex> {
  const bytes = await segment.readAll();
  const lines = countedLines(bytes, segment.first, segment.file);
  let step = lines.next();
  for (; !step.done; step = lines.next()) await turn();
  const { starts, isSealed } = step.value;
  const found = await foundIn(bytes, starts, segment);
  return { starts, heads: found.heads, rows: await rowsOf(found), isSealed };
}

/** Whether a kept index is of this version, and of the segment as it is now. */
function isOf({ layout, bytes, end }: KeptIndex, print: SegmentPrint): boolean {
  return layout === LAYOUT && bytes === print.bytes && end === print.end;
}

/** The indexes beside the sealed segments of a home. They only save time, and are made again where one is missing. */
export class SegmentIndexes {
  private readonly directory: string;
  private readonly folders: Folders;

  constructor(state: string) {
    this.directory = path.join(state, 'index');
    this.folders = new Folders(state);
  }

  /** The index of a segment: the one beside it where it is of this segment, else a new one. */
  async of(segment: SegmentReader): Promise<SegmentIndex> {
    const print = segment.print;
    const kept = isFolder(this.directory) ? readSnapshot<KeptIndex>(this.file(segment.first)) : null;
    if (kept && isOf(kept.data, print)) return { ...kept.data, isSealed: true };
    const { isSealed, ...index } = await made(segment);
    if (isSealed) await this.keep(segment, { layout: LAYOUT, ...print, ...index });
    return { ...index, isSealed };
  }

  /** Keeps an index for the next time. Where the disk takes none, nothing is lost but time. */
  private async keep(segment: SegmentReader, data: KeptIndex): Promise<void> {
    const n = segment.first - 1 + data.starts.length;
    try {
      this.folders.make(this.directory);
      this.folders.prepareTemporaries();
      await writeSnapshot(this.file(segment.first), this.folders.temporaries, { n, data });
    } catch (error) {
      // An erasure removes temporary files of all processes.
      if (!(error instanceof Behind) && errorCode(error) === undefined) throw error;
      this.folders.forget();
    }
    // An erasure removes the index of a segment when it has replaced the segment, which may just have been.
    if (!segment.isInPlace()) this.remove(segment.first);
  }

  /** Removes the index of a segment that an erasure rewrites. */
  remove(first: number): void {
    fs.rmSync(this.file(first), { force: true });
  }

  /** Removes the indexes that aren't of the segment whose name they have: nobody knows whom they tell of. */
  removeForeign(log: string): void {
    if (!isFolder(this.directory)) return;
    for (const name of fs.readdirSync(this.directory)) {
      const file = path.join(this.directory, name);
      const size = fs.statSync(segmentPath(log, Number.parseInt(name, 10)), { throwIfNoEntry: false })?.size;
      if (readSnapshot<KeptIndex>(file)?.data.bytes !== size) fs.rmSync(file, { force: true });
    }
  }

  private file(first: number): string {
    return segmentPath(this.directory, first).replace(/l$/, '');
  }
}

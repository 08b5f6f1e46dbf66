import { setImmediate as turn } from 'node:timers/promises';
import type { Event } from '../../../domain/state/events.ts';
import type { ContactPart } from '../../documents/as-it-was.ts';
import { damaged } from '../log/faults.ts';
import { listSegments } from '../log/segments.ts';
import { type IndexedMention, mentionsOf, rowsBegin, type SegmentIndex, type SegmentIndexes } from './segment-index.ts';
import { type SegmentPrint, SegmentReader } from './segment-reader.ts';

/** So many look-ups are made, and parts read, before other calls of the process get their turn. */
const AT_ONCE = 500;

/** Thrown where an erasure has replaced a segment since it was read. */
export class Replaced extends Error {}

/** The event of a mention; undefined where it is about another contact, whose id has the same hash. */
function eventOf({ kind, head }: IndexedMention, text: string, id: string): Event | undefined {
  const value = JSON.parse(text);
  let named = value.contact_id;
  if (kind === 'c') named = value.id;
  if (kind === 'a') named = value[0];
  if (kind === 'l') named = value.personal?.contact_id;
  if (named !== id) return undefined;
  switch (kind) {
    case 'c':
      return { type: 'contacts_saved', contacts: [value] };
    case 'a':
      return { type: 'contacts_saved', contacts: [], aliases: [value] };
    case 'e':
      return { type: 'events_recorded', events: [value] };
    case 'n':
      return { type: 'note_added', note: value };
    case 'r':
      return head && { type: 'results_recorded', ...head.event, results: [value] };
    case 's':
      return { type: 'actions_changed', changes: [value] };
    case 'l':
      return { type: 'decisions_recorded', entries: [value] };
    case 'd':
      return value;
    default:
      return undefined;
  }
}

function eventAt(segment: SegmentReader, mention: IndexedMention, id: string): Event | undefined {
  try {
    return eventOf(mention, segment.read(mention.from, mention.to).toString('utf8'), id);
  } catch (error) {
    throw error instanceof SyntaxError ? damaged(mention.n, segment.file) : error;
  }
}

function partsIn(found: Map<string, ContactPart[]>, id: string): ContactPart[] {
  const parts = found.get(id) ?? [];
  found.set(id, parts);
  return parts;
}

/** Throws where commits are missing between a segment and the one behind it. */
function demandWhole(
  { first, file }: SegmentReader,
  { starts, isSealed }: SegmentIndex,
  next: number | undefined,
): void {
  const end = first + starts.length;
  if (next !== undefined && (!isSealed || end !== next)) throw damaged(end, file);
}

/**
 * Reads from the log what it says of some contacts. All that one reading gives is of one time: an erasure goes through
 * the segments from the first on, so that whoever was read of an old segment is still named in those behind it.
 */
export class PartReading {
  private readonly directory: string;
  private readonly indexes: SegmentIndexes;
  /** The files that were read, by their segments; those that grow yet have no print. */
  private readonly files = new Map<number, { inode: number; print: SegmentPrint | undefined }>();
  /** The last commit that matters. */
  private readonly until: number;
  private count = 0;

  constructor(directory: string, indexes: SegmentIndexes, until: number) {
    this.directory = directory;
    this.indexes = indexes;
    this.until = until;
  }

  /** Everything about each contact up to the last commit that matters, and its deletions after it, in the log's order. */
  async partsOf(ids: ReadonlySet<string>): Promise<Map<string, ContactPart[]>> {
    const found = new Map<string, ContactPart[]>();
    const segments = listSegments(this.directory);
    for (const [at, first] of segments.entries()) {
      const segment = new SegmentReader(this.directory, first);
      try {
        const index = await this.indexes.of(segment);
        demandWhole(segment, index, segments[at + 1]);
        this.note(segment, index.isSealed);
        for (const id of ids) await this.readParts(segment, index, { id, parts: partsIn(found, id) });
      } finally {
        segment.close();
      }
      await turn();
    }
    return found;
  }

  /** Throws `Replaced` where what was read isn't in the log any more: it may be about somebody who was erased. */
  demandInPlace(): void {
    for (const [first, { print }] of this.files) {
      const segment = new SegmentReader(this.directory, first);
      try {
        this.note(segment, print !== undefined);
      } finally {
        segment.close();
      }
    }
  }

  private async readParts(
    segment: SegmentReader,
    index: SegmentIndex,
    { id, parts }: { id: string; parts: ContactPart[] },
  ): Promise<void> {
    for (const mention of [undefined, ...mentionsOf(index, segment.first, rowsBegin(id))]) {
      this.count += 1;
      if (this.count % AT_ONCE === 0) await turn();
      // Of what came later only a deletion matters.
      if (!mention || (mention.n > this.until && mention.kind !== 'd')) continue;
      const event = eventAt(segment, mention, id);
      if (event) parts.push({ n: mention.n, at: mention.from, event });
    }
  }

  private note(segment: SegmentReader, isSealed: boolean): void {
    const { inode } = segment;
    const print = isSealed ? segment.print : undefined;
    const before = this.files.get(segment.first);
    this.files.set(segment.first, { inode, print });
    if (!before) return;
    const isSame = !print || !before.print || print.end === before.print.end;
    if (before.inode !== inode || !isSame) throw new Replaced();
  }
}

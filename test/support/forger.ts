import fs from 'node:fs';
import path from 'node:path';
import { chained, type DecisionEntry, type DecisionHead, NO_DECISIONS } from '../../src/domain/decisions/decision.ts';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { listSegments, segmentPath } from '../../src/store/json/log/segments.ts';
import { type Commit, type RewriteMarks, readHead, rewriteLine, writeLine } from '../../src/store/log/commit.ts';

/** A line of the log as a forger has it in hand: every field may be altered. */
type Line = Commit & Partial<RewriteMarks> & { root?: string };

/**
 * Someone who may write the home's files, knows the code, and wants an audit to find nothing: who takes the log apart,
 * alters it, and puts it together again with every digest and chain recomputed.
 */
export class Forger {
  readonly lines: Line[] = [];
  private readonly home: string;
  private readonly log: string;

  constructor(home: string) {
    this.home = home;
    this.log = path.join(home, 'log');
    for (const segment of listSegments(this.log)) {
      const text = fs.readFileSync(segmentPath(this.log, segment), 'utf8');
      for (const line of text.split('\n').slice(0, -1)) {
        const { sha: _sha, ...rest } = JSON.parse(line);
        this.lines.push(rest);
      }
    }
  }

  /** The events of one kind, each with its line. */
  *of<T extends Event['type']>(type: T): Generator<{ line: Line; event: Extract<Event, { type: T }> }> {
    const isOf = (event: Event): event is Extract<Event, { type: T }> => event.type === type;
    for (const line of this.lines) for (const event of line.events) if (isOf(event)) yield { line, event };
  }

  /** The first change of an action of this contact, and its line. */
  change(contactId: string): { line: Line; change: ActionChange } {
    for (const { line, event } of this.of('actions_changed')) {
      const change = event.changes.find(({ contact_id }) => contact_id === contactId);
      if (change) return { line, change };
    }
    throw new Error(`no action of ${contactId} changed`);
  }

  /** The entry about an action of this contact. */
  entry(contactId: string): DecisionEntry {
    for (const { event } of this.of('decisions_recorded')) {
      const entry = event.entries.find(({ personal }) => personal?.contact_id === contactId);
      if (entry) return entry;
    }
    throw new Error(`no entry is about ${contactId}`);
  }

  /** Marks a line as one that an erasure rewrote, so that the chain goes on by its old digest. */
  pretendErased(line: Line, ...erased: string[]): void {
    Object.assign(line, { erased, was: this.lines[line.n]?.prev ?? '' });
    delete line.salt;
    delete line.root;
  }

  /** Has the code itself rewrite a line, as if an erasure had made of its events what `alter` makes of them. */
  rewrite(line: Line, alter: (event: Event) => Event | undefined, ...erased: string[]): void {
    const text = Buffer.from(written(line).line);
    const head = readHead(text);
    if (!head) throw new Error('not a line');
    const changes = line.events.map((event) => ({ before: event, after: alter(structuredClone(event)) }));
    const { sha: _sha, ...rest } = JSON.parse(rewriteLine(line, head, { erased, changes }).line);
    delete line.salt;
    Object.assign(line, rest);
  }

  /** The line's own digest as it will be written. */
  ownOf(line: Line): string {
    return written(line).sha;
  }

  /** Adds a commit behind the last one. */
  append(...events: Event[]): void {
    const n = this.lines.length + 1;
    this.lines.push({ n, prev: '', writer: `forger.${n}`, at: '2026-03-02T09:00:00.000Z', by: 'countersign', events });
  }

  /** Writes the log again, with every digest and both chains recomputed, and takes the snapshots away. */
  write(): void {
    let head: DecisionHead = NO_DECISIONS;
    for (const { event } of this.of('decisions_recorded')) {
      for (const [index, entry] of event.entries.entries()) {
        const { seq: _seq, prev: _prev, hash: _hash, ...draft } = entry;
        const next = chained(draft, head);
        event.entries[index] = next;
        head = next;
      }
    }
    let prev = '';
    const texts = new Map<number, string>();
    let segment = 1;
    for (const line of this.lines) {
      line.prev = prev;
      const { line: text, sha } = written(line);
      prev = line.was ?? sha;
      texts.set(segment, `${texts.get(segment) ?? ''}${text}\n`);
      if (line.seal) segment = line.n + 1;
    }
    for (const first of listSegments(this.log)) fs.rmSync(segmentPath(this.log, first));
    for (const [segment, text] of texts) fs.writeFileSync(segmentPath(this.log, segment), text);
    fs.rmSync(path.join(this.home, 'state'), { recursive: true, force: true });
  }
}

/** The line as this edition writes it. A line that wasn't rewritten gets a new root. */
function written({ n, prev, erased, body, leaves, kinds, writer, at, by, salt, events, seal, was, root }: Line) {
  const proof = {
    ...(erased ? { erased } : {}),
    ...(body ? { body } : {}),
    ...(leaves ? { leaves } : {}),
    ...(kinds ? { kinds } : {}),
  };
  const marks = { ...(seal ? { seal } : {}), ...(was === undefined ? {} : { was }) };
  const line = { n, prev, ...proof, writer, at, by, ...(salt ? { salt } : {}), events, ...marks };
  return writeLine(line, was === undefined ? undefined : root);
}

import fs from 'node:fs';
import path from 'node:path';
import { LowSync, type SyncAdapter } from 'lowdb';
import { readIfThere, replaceFile } from './files.ts';

/** Snapshots of another number are made again from the log: raise it with any change to what a document holds, or to which an event touches. */
const FORMAT = 3;

/** A document as of commit `n`. It only saves time: the log can make it again. */
export type Snapshot<D> = { format: number; n: number; data: D };

/** One record a line, so that people and diff tools can read it. */
function layOut(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [`${JSON.stringify(key)}: ${layOut(item)}`],
  );
  return `{\n${fields.join(',\n')}\n}`;
}

/** lowdb's adapter: reads a whole snapshot or nothing, replaces it durably. */
class SnapshotAdapter<D> implements SyncAdapter<Snapshot<D> | null> {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  read(): Snapshot<D> | null {
    const text = readIfThere(this.file)?.toString('utf8');
    if (text === undefined) return null;
    try {
      const snapshot: Snapshot<D> = JSON.parse(text);
      return snapshot?.format === FORMAT && Number.isSafeInteger(snapshot.n) ? snapshot : null;
    } catch {
      return null;
    }
  }

  write(snapshot: Snapshot<D> | null): void {
    if (snapshot === null) return;
    fs.mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    const { format, n, data } = snapshot;
    replaceFile(this.file, `{"format": ${format}, "n": ${n}, "data": ${layOut(data)}}\n`);
  }
}

/** The snapshot in a file; null where there is none, or none that can be read. */
export function readSnapshot<D>(file: string): Snapshot<D> | null {
  const low = new LowSync<Snapshot<D> | null>(new SnapshotAdapter<D>(file), null);
  low.read();
  return low.data;
}

export function writeSnapshot<D>(file: string, n: number, data: D): void {
  new LowSync<Snapshot<D> | null>(new SnapshotAdapter<D>(file), { format: FORMAT, n, data }).write();
}

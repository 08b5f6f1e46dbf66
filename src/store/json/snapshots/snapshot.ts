import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { type Adapter, Low, LowSync, type SyncAdapter } from 'lowdb';
import { errorCode, openPlain } from '../../../files/durable.ts';
import { endOf, piecesOf, readLaidOut } from './layout.ts';
import type { Sieve, Sifted } from './sieve.ts';

/**
 * The format of snapshots. Raise it with any change to what a document holds, or to which documents an event touches:
 * snapshots of other formats are made again from the log.
 */
const FORMAT = 7;

/** Thrown where newer commits must be read before a snapshot is used or written. */
export class Behind extends Error {}

/** A document as of commit `n`. A snapshot only saves time: the log can make it again. */
export type Snapshot<D> = { n: number; data: D };
/** A snapshot as read, with its size on disk in bytes. */
export type ReadSnapshot<D> = Snapshot<D> & { bytes: number };

function openIfThere(file: string): number | undefined {
  try {
    return openPlain(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** lowdb's adapter for reading. It gives a whole snapshot, or null. */
class Reader<D> implements SyncAdapter<ReadSnapshot<D> | null> {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  read(): ReadSnapshot<D> | null {
    const fd = openIfThere(this.file);
    if (fd === undefined) return null;
    try {
      return readLaidOut(fd, FORMAT);
    } finally {
      fs.closeSync(fd);
    }
  }

  write(): void {
    throw new Error('snapshots are written by the other adapter');
  }
}

/** Lets other calls run. */
function wait(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * lowdb's adapter for writing. It writes piece by piece into a temporary file, which then replaces the snapshot before.
 * The file isn't synced: after a power cut, the CRC-32 shows whether it is whole, and the log can make it again.
 */
class Writer<D extends object> implements Adapter<Snapshot<D>> {
  bytes = 0;
  private readonly file: string;
  private readonly temporary: string;
  private readonly isWanted: () => boolean;

  constructor(file: string, temporaries: string, isWanted: () => boolean) {
    this.file = file;
    this.temporary = path.join(temporaries, `${randomUUID()}.tmp`);
    this.isWanted = isWanted;
  }

  async read(): Promise<null> {
    return null;
  }

  async write({ n, data }: Snapshot<D>): Promise<void> {
    try {
      const fd = fs.openSync(this.temporary, 'wx', 0o600);
      try {
        let crc = 0;
        for (const piece of piecesOf({ format: FORMAT, n }, data)) {
          if (this.bytes > 0) await wait();
          crc = crc32(this.put(fd, piece), crc);
        }
        this.put(fd, endOf(crc));
      } finally {
        fs.closeSync(fd);
      }
      if (this.isWanted()) this.putInPlace();
    } finally {
      fs.rmSync(this.temporary, { force: true });
    }
  }

  private putInPlace(): void {
    try {
      fs.renameSync(this.temporary, this.file);
    } catch (error) {
      // An erasure removes the temporary files of all processes, because they may hold the erased person.
      throw errorCode(error) === 'ENOENT' ? new Behind() : error;
    }
  }

  private put(fd: number, text: string): Buffer {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
    this.bytes += bytes.length;
    return bytes;
  }
}

/** The snapshot in a file; null where there is none that can be read. */
export function readSnapshot<D>(file: string): ReadSnapshot<D> | null {
  const low = new LowSync<ReadSnapshot<D> | null>(new Reader<D>(file), null);
  low.read();
  return low.data;
}

/**
 * The records of a list that a sieve lets pass, from its snapshot; null where there is none that can be read and was made
 * at a commit that `isCurrent` takes.
 */
export function siftSnapshot<R>(file: string, sieve: Sieve, isCurrent: (n: number) => boolean): Sifted<R> | null {
  const fd = openIfThere(file);
  if (fd === undefined) return null;
  try {
    return sieve.records(fd, FORMAT, isCurrent);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Writes a snapshot, while other calls run in between, and returns its size in bytes. It replaces the one before only
 * if `isWanted` says so at the end. `data` must not change meanwhile.
 */
export async function writeSnapshot<D extends object>(
  file: string,
  temporaries: string,
  snapshot: Snapshot<D>,
  isWanted: () => boolean = () => true,
): Promise<number> {
  const writer = new Writer<D>(file, temporaries, isWanted);
  await new Low<Snapshot<D>>(writer, snapshot).write();
  return writer.bytes;
}

function headOf(file: string): { format?: number; n?: number } {
  const fd = openIfThere(file);
  if (fd === undefined) return {};
  try {
    const bytes = Buffer.alloc(64);
    fs.readSync(fd, bytes, 0, bytes.length, 0);
    const head = /^\{"format": (\d+), "n": (\d+),/.exec(bytes.toString('latin1'));
    return head ? { format: Number(head[1]), n: Number(head[2]) } : {};
  } finally {
    fs.closeSync(fd);
  }
}

/** The commit that a snapshot was made at, read from its first bytes; undefined where there is none. */
export function numberOfSnapshot(file: string): number | undefined {
  return headOf(file).n;
}

/**
 * Whether a file has the current format, or none that can be read. A snapshot of another format is made again unread.
 */
export function isOfThisFormat(file: string): boolean {
  return (headOf(file).format ?? FORMAT) === FORMAT;
}

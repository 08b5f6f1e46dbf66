import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolder, readIfThere, replaceFile, syncDirectory } from '../../../files/durable.ts';
import type { SeenHead } from '../../store.ts';

/** Where a head was seen: the home by the digest of its first commit, and the database by how people are shown it. */
export type SeenWhere = { first: string; place: string };
/** A head as a file tells it. `isOwn`: it was seen in the same place. */
export type KeptHead = SeenHead & { first: string; isOwn: boolean; file: string };

const FOLDER = 'seen';
/** A part of a digest that is long enough to tell homes and places apart. */
const SHORT = 20;
const SEEN_NAME = /^[0-9a-f]{20}-\d+\.json$/;

function seenFileName({ first, place }: SeenWhere, n: number): string {
  return `${hash('sha256', `${first} ${place}`, 'hex').slice(0, SHORT)}-${n}.json`;
}

/** A head as a file has it; undefined where the file holds anything else, which then tells nothing. */
function parsedHead(text: string): (SeenHead & { first: string }) | undefined {
  try {
    const { first, n, sha, restored } = JSON.parse(text);
    const isHead = typeof first === 'string' && Number.isSafeInteger(n) && typeof sha === 'string';
    return isHead && Array.isArray(restored) ? { first, n, sha, restored } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The files in a home's folder that remember the last head seen of a database, one for each home and place. A file's name has
 * the commit's number: so no process puts an older head in the place of a newer one, however many write at once.
 */
export class SeenFiles {
  private readonly folder: string;
  private readonly place: string;

  constructor(home: string, place: string) {
    this.folder = path.join(home, FOLDER);
    this.place = place;
  }

  /** All that are there, of any home and place. What can't be read as one is passed over. */
  all(): KeptHead[] {
    if (!fs.existsSync(this.folder)) return [];
    return fs.readdirSync(this.folder).flatMap((name) => this.read(name) ?? []);
  }

  private read(name: string): KeptHead | undefined {
    if (!SEEN_NAME.test(name)) return undefined;
    // Another process may have put a newer one in its place.
    const text = readIfThere(path.join(this.folder, name))?.toString('utf8');
    const head = text === undefined ? undefined : parsedHead(text);
    if (!head) return undefined;
    const { first, n, sha, restored } = head;
    const isOwn = name === seenFileName({ first, place: this.place }, n);
    return { first, n, sha, restored, isOwn, file: name };
  }

  /** Keeps a head, so that it stays, and drops older ones of the same home and place. False where a newer one is there. */
  write(first: string, { n, sha, restored }: SeenHead): boolean {
    makeFolder(this.folder);
    const own = this.all().filter((kept) => kept.isOwn && kept.first === first);
    if (own.some((kept) => kept.n > n)) return false;
    const name = seenFileName({ first, place: this.place }, n);
    replaceFile(path.join(this.folder, name), `${JSON.stringify({ first, place: this.place, n, sha, restored })}\n`);
    this.drop(own.filter((kept) => kept.file !== name));
    return true;
  }

  drop(heads: readonly Pick<KeptHead, 'file'>[]): void {
    for (const { file } of heads) fs.rmSync(path.join(this.folder, file), { force: true });
    if (heads.length > 0) syncDirectory(this.folder);
  }
}

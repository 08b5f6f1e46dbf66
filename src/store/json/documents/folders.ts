import fs from 'node:fs';
import path from 'node:path';
import { isFolder, makeFolder } from '../../../files/durable.ts';

const HOUR_MS = 3_600_000;

/** The folders that snapshots are written to, made when first needed. */
export class Folders {
  /** Where what isn't whole yet is written. */
  readonly temporaries: string;
  private readonly directory: string;
  private readonly made = new Set<string>();

  constructor(directory: string) {
    this.directory = directory;
    this.temporaries = path.join(directory, 'tmp');
  }

  make(directory: string): void {
    if (this.made.has(directory)) return;
    makeFolder(directory);
    this.made.add(directory);
  }

  /** What killed processes left half written goes after an hour. */
  prepareTemporaries(): void {
    if (this.made.has(this.temporaries)) return;
    this.make(this.temporaries);
    for (const name of fs.readdirSync(this.temporaries)) {
      const file = path.join(this.temporaries, name);
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > HOUR_MS) fs.rmSync(file, { force: true });
    }
  }

  /** Takes away what is half written, whoever writes it. */
  clearTemporaries(): void {
    this.make(this.temporaries);
    for (const name of fs.readdirSync(this.temporaries)) fs.rmSync(path.join(this.temporaries, name), { force: true });
  }

  /** Takes away snapshots of a family's members that are no more: whoever ended them may have been stopped before it did. */
  removeOrphans(family: string, isMember: (id: string) => boolean): void {
    const folder = path.join(this.directory, family);
    if (!isFolder(folder)) return;
    for (const name of fs.readdirSync(folder)) {
      if (name.endsWith('.json') && !isMember(path.basename(name, '.json')))
        fs.rmSync(path.join(folder, name), { force: true });
    }
  }

  /** Where a folder is gone, it is made again the next time. */
  forget(): void {
    this.made.clear();
  }
}

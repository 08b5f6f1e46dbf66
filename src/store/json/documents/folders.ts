import fs from 'node:fs';
import path from 'node:path';
import { isFolder, makeFolder } from '../../../files/durable.ts';

const HOUR_MS = 3_600_000;

/** The folders that snapshots are written to. Each is created when it is first needed. */
export class Folders {
  /** The folder for files that aren't whole yet. */
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

  /** Creates the folder for temporary files. Removes what killed processes left there more than an hour ago. */
  prepareTemporaries(): void {
    if (this.made.has(this.temporaries)) return;
    this.make(this.temporaries);
    for (const name of fs.readdirSync(this.temporaries)) {
      const file = path.join(this.temporaries, name);
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > HOUR_MS) fs.rmSync(file, { force: true });
    }
  }

  /** Removes all temporary files, those of other processes too. */
  clearTemporaries(): void {
    this.make(this.temporaries);
    for (const name of fs.readdirSync(this.temporaries)) fs.rmSync(path.join(this.temporaries, name), { force: true });
  }

  /**
   * Removes the snapshots of a family's former members. The process that deleted a member may have died before it
   * removed the file.
   */
  removeOrphans(family: string, isMember: (id: string) => boolean): void {
    const folder = path.join(this.directory, family);
    if (!isFolder(folder)) return;
    for (const name of fs.readdirSync(folder)) {
      if (name.endsWith('.json') && !isMember(path.basename(name, '.json')))
        fs.rmSync(path.join(folder, name), { force: true });
    }
  }

  /** Forgets which folders were created. A folder that has gone is then created again. */
  forget(): void {
    this.made.clear();
  }
}

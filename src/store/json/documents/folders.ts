import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, isFolder, makeFolder } from '../../../files/durable.ts';
import { isOfThisFormat } from '../snapshots/snapshot.ts';

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
      if (stat && Date.now() - stat.mtimeMs > HOUR_MS) this.takeAway(file);
    }
  }

  /**
   * Removes a file or folder of `temporaries`. It loses its name first: a process that goes on writing into a folder by that
   * name would else keep it from getting empty (ENOTEMPTY).
   */
  private takeAway(file: string): void {
    const nameless = path.join(this.temporaries, randomUUID());
    try {
      fs.renameSync(file, nameless);
    } catch (error) {
      // Another process was faster.
      if (errorCode(error) === 'ENOENT') return;
      throw error;
    }
    fs.rmSync(nameless, { force: true, recursive: true });
  }

  /** A new folder for temporary files of one process. */
  makeTemporary(): string {
    this.prepareTemporaries();
    const folder = path.join(this.temporaries, randomUUID());
    this.make(folder);
    return folder;
  }

  /** What tells a folder from another one of its name; it may have been removed and made again. */
  printOf(folder: string): string {
    const stat = fs.statSync(folder, { throwIfNoEntry: false });
    return stat ? `${stat.ino} ${stat.birthtimeMs}` : '';
  }

  removeTemporary(folder: string): void {
    this.takeAway(folder);
  }

  /** Moves all files of a temporary folder to their places. False where an erasure has removed some: nothing counts then. */
  moveAll(from: string, to: string): boolean {
    try {
      for (const entry of fs.readdirSync(from, { withFileTypes: true })) this.moveOne(from, to, entry);
      fs.rmdirSync(from);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  private moveOne(from: string, to: string, entry: fs.Dirent): void {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (!entry.isDirectory()) {
      fs.renameSync(source, target);
      return;
    }
    this.make(target);
    for (const inside of fs.readdirSync(source, { withFileTypes: true })) this.moveOne(source, target, inside);
    fs.rmdirSync(source);
  }

  /** Removes all temporary files, those of other processes too. */
  clearTemporaries(): void {
    this.make(this.temporaries);
    for (const name of fs.readdirSync(this.temporaries)) this.takeAway(path.join(this.temporaries, name));
  }

  /**
   * Removes the snapshots of a family that aren't wanted any more: those of former members, because the process that deleted
   * one may have died before it removed the file.
   */
  removeOrphans(family: string, isWanted: (id: string, file: string) => boolean): void {
    const folder = path.join(this.directory, family);
    if (!isFolder(folder)) return;
    for (const name of fs.readdirSync(folder)) {
      const file = path.join(folder, name);
      if (name.endsWith('.json') && !isWanted(path.basename(name, '.json'), file)) fs.rmSync(file, { force: true });
    }
  }

  /** Removes the snapshot of a single document where it has another format. */
  removeIfOfBefore(name: string): void {
    const file = path.join(this.directory, `${name}.json`);
    if (!isOfThisFormat(file)) fs.rmSync(file, { force: true });
  }

  /** Forgets which folders were created. A folder that has gone is then created again. */
  forget(): void {
    this.made.clear();
  }
}

import fs from 'node:fs';
import path from 'node:path';
import { errorCode, isFolder, makeFolder, readIfThere, replaceFile, storeError } from '../../files/durable.ts';
import { type HomePaths, TOKEN } from './home.ts';

const KEEP_MS = 86_400_000;
const SWEEP_MS = 3_600_000;

/** Removes files older than a day, so that review tokens and the leases of killed processes don't pile up. */
export function sweep(directory: string): void {
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name);
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > KEEP_MS) fs.rmSync(file, { force: true });
  }
}

/** Small values that aren't part of state. Each is kept for a day, in a file named by its token. */
export class Kept {
  private readonly paths: HomePaths;
  private swept = 0;

  constructor(paths: HomePaths) {
    this.paths = paths;
  }

  keep(token: string, value: string): void {
    const { state, reviews } = this.paths;
    try {
      makeFolder(state);
      makeFolder(reviews);
      if (Date.now() - this.swept > SWEEP_MS) {
        this.swept = Date.now();
        sweep(reviews);
      }
      replaceFile(this.fileOf(token), value, { isDurable: false });
    } catch (error) {
      throw storeError(error, 'Keeping a value');
    }
  }

  recall(token: string): string | undefined {
    if (!TOKEN.test(token)) return undefined;
    try {
      if (!isFolder(this.paths.state) || !isFolder(this.paths.reviews)) return undefined;
      return readIfThere(this.fileOf(token))?.toString('utf8');
    } catch (error) {
      throw storeError(error, 'Reading a kept value');
    }
  }

  take(token: string): string | undefined {
    const value = this.recall(token);
    if (value === undefined) return undefined;
    try {
      fs.unlinkSync(this.fileOf(token));
      return value;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw storeError(error, 'Taking a kept value');
    }
  }

  private fileOf(token: string): string {
    return path.join(this.paths.reviews, `${token}.json`);
  }
}

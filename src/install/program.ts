import path from 'node:path';
import envPaths from 'env-paths';
import { VERSION } from '../domain/base/version.ts';
import { copyFiles, realFile } from '../files/client-file.ts';

/** The program that a client is to start. `copyFrom` is the folder of which its folder is yet to become a copy. */
export type LastingProgram = { script: string; copyFrom?: string };

/**
 * The program by a path that lasts. `npx` runs a package from its cache, which may be emptied at any time: so a client gets a
 * copy, in a folder for each version.
 */
export function lastingProgram(started: string): LastingProgram {
  const script = realFile(started);
  if (!script.split(/[\\/]/).includes('_npx')) return { script };
  const folder = path.join(envPaths('countersign-program', { suffix: '' }).data, VERSION);
  return { script: path.join(folder, path.basename(script)), copyFrom: path.dirname(script) };
}

/** Makes the copy, where one is to be made. Compiled code stays behind: a start makes it anew. */
export function copyProgram({ script, copyFrom }: LastingProgram): void {
  if (copyFrom !== undefined) copyFiles(copyFrom, path.dirname(script), (name) => !/\.cache(\.|$)/.test(name));
}

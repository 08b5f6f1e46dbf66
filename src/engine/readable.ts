import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AppError, notFound } from '../domain/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The folders that `import_contacts` may read below (COUNTERSIGN_ALLOW_DIRS; unset: where the server was started). */
function allowedFolders(env: Env, workingDirectory: string): string[] {
  const listed = env.COUNTERSIGN_ALLOW_DIRS;
  if (listed !== undefined && listed !== '') return listed.split(path.delimiter).filter((folder) => folder !== '');
  const isTooWide = workingDirectory === path.parse(workingDirectory).root || workingDirectory === os.homedir();
  return isTooWide ? [] : [workingDirectory];
}

function realpath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}

/** The real path of a file that may be read; FORBIDDEN outside the allowed folders, links followed first. */
export function readableFile(wanted: string, env: Env, workingDirectory: string): string {
  const folders = allowedFolders(env, workingDirectory);
  const howTo = 'Set COUNTERSIGN_ALLOW_DIRS to the folder of the file, or give its text as csv.';
  if (wanted.includes('\0')) throw new AppError('VALIDATION_ERROR', 'path holds a NUL character.', { path: 'NUL' });
  const absolute = path.resolve(workingDirectory, wanted);
  const real = realpath(absolute);
  const roots = folders.flatMap((folder) => realpath(folder) ?? []);
  const isBelow = (file: string) =>
    roots.some((root) => file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep));
  if (!isBelow(real ?? absolute)) {
    throw new AppError(
      'FORBIDDEN',
      `${absolute} lies outside the folders that may be read (${folders.join(', ') || 'none'}). ${howTo}`,
      { path: 'outside the allowed folders' },
    );
  }
  if (real === undefined)
    throw notFound(`There is no file ${absolute}. Check the path; a relative one starts at ${workingDirectory}.`, {
      path: 'not found',
    });
  if (!fs.statSync(real).isFile())
    throw new AppError('VALIDATION_ERROR', `${absolute} isn't a file.`, { path: 'not a file' });
  return real;
}

import path from 'node:path';
import { folderEntries, isThere, readWords } from '../files/client-file.ts';

/** The machine as programs see it: whose home directory, which platform, which environment. */
export type UserPlace = {
  platform: NodeJS.Platform;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
};

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

/** The folder that a variable names, else one below the home directory. */
export function folderOf({ env, home }: UserPlace, variable: string, ...rest: string[]): string {
  const named = env[variable];
  return isSet(named) ? path.resolve(named.replace(/^~(?=$|[\\/])/, home)) : path.join(home, ...rest);
}

/** The file that a variable names, else another one. */
export function fileNamed(place: UserPlace, variable: string, other: string): string {
  return isSet(place.env[variable]) ? folderOf(place, variable) : other;
}

/** The folder in which programs with windows keep their settings. */
export function appFolder(place: UserPlace, ...rest: string[]): string {
  const { platform, home } = place;
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', ...rest);
  if (platform === 'win32') return path.join(folderOf(place, 'APPDATA', 'AppData', 'Roaming'), ...rest);
  return path.join(folderOf(place, 'XDG_CONFIG_HOME', '.config'), ...rest);
}

/**
 * The folder of Claude Desktop. Windows gives a program from its store, as Claude Desktop has been since 2026, a folder of
 * its own in place of APPDATA, and it reads that one alone.
 */
export function claudeFolder(place: UserPlace): string {
  if (place.platform !== 'win32') return appFolder(place, 'Claude');
  const packages = path.join(folderOf(place, 'LOCALAPPDATA', 'AppData', 'Local'), 'Packages');
  const folders = folderEntries(packages)
    .filter((name) => /^Claude_/.test(name))
    .map((name) => path.join(packages, name, 'LocalCache', 'Roaming', 'Claude'));
  return folders.find(isThere) ?? folders[0] ?? appFolder(place, 'Claude');
}

/** The folder for downloads: on Linux as the desktop calls it in the person's language. */
export function downloadsFolder(place: UserPlace): string | undefined {
  const { platform, home, env } = place;
  const said =
    platform === 'linux' ? readWords(path.join(folderOf(place, 'XDG_CONFIG_HOME', '.config'), 'user-dirs.dirs')) : '';
  const named = /^XDG_DOWNLOAD_DIR="(.*)"/m.exec(said)?.[1]?.replace('$HOME', home);
  const folder = named ?? path.join(env.USERPROFILE && platform === 'win32' ? env.USERPROFILE : home, 'Downloads');
  return isThere(folder) && path.resolve(folder) !== path.resolve(home) ? folder : undefined;
}

/** The first of several files that is there, else the first. */
export function firstThere(files: readonly string[]): string {
  return files.find(isThere) ?? files[0] ?? '';
}

import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../domain/base/errors.ts';
import {
  isFolder,
  linkOnce,
  makeDirectory,
  makeFolder,
  readIfThere,
  readPlain,
  storeError,
} from '../../files/durable.ts';
import { HOME_FORMAT, type HomeMark, homeMarkerOf, isFillingOf, readMark, writeMark } from './home-mark.ts';

/** Network file systems by their statfs type. On these, O_APPEND isn't atomic between machines. */
const NETWORK = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
]);

/** The folders of a home, as absolute paths. */
export type HomePaths = { home: string; log: string; state: string; leases: string; reviews: string; aside: string };

export function pathsOf(home: string): HomePaths {
  const state = path.join(home, 'state');
  return {
    home,
    log: path.join(home, 'log'),
    state,
    leases: path.join(state, 'leases'),
    reviews: path.join(state, 'reviews'),
    aside: path.join(home, 'set-aside'),
  };
}

/** Refuses a home with a folder that is a link. What lies behind a link is neither read nor written. */
function refuseLinks({ log, state }: HomePaths): void {
  isFolder(log);
  if (!isFolder(state)) return;
  for (const entry of fs.readdirSync(state, { withFileTypes: true }))
    if (!entry.isDirectory() && !entry.name.includes('.')) isFolder(path.join(state, entry.name));
}

/**
 * What home.json says; undefined where there is no home. Throws AppError STORE_ERROR for a home that this version must not
 * touch.
 */
function homeMarkOf(paths: HomePaths): HomeMark | undefined {
  refuseLinks(paths);
  const mark = readMark(paths.home);
  if (mark?.fillingFrom !== undefined) throw isFillingOf(paths.home, mark.fillingFrom);
  if (!mark) refuseOrphans(paths, homeMarkerOf(paths.home));
  return mark;
}

/** Whether the home exists. Throws AppError STORE_ERROR for a home that this version must not touch. */
export function isMade(paths: HomePaths): boolean {
  return homeMarkOf(paths) !== undefined;
}

/** Whether a home has an earlier format than this version's, or was left in the middle of being raised. */
export function isToBeRaised(paths: HomePaths): boolean {
  const mark = homeMarkOf(paths);
  return mark !== undefined && mark.movedTo === undefined && (mark.format < HOME_FORMAT || mark.isRaising);
}

/** Creates the home if it is missing. Throws AppError STORE_ERROR for a home that this version must not touch. */
export function prepareHome(paths: HomePaths): void {
  try {
    const isNew = !isMade(paths);
    makeDirectory(paths.home);
    for (const folder of [paths.log, paths.state]) makeFolder(folder);
    refuseNetwork(paths.home);
    if (isNew) writeMark(paths.home, {});
  } catch (error) {
    throw storeError(error, `Opening the home ${paths.home}`);
  }
}

/** The form of a process's name, and of the token of a kept value. Both become file names. */
export const TOKEN = /^[a-z]+_[a-z0-9]{10,40}$/;

const SECRET_BYTES = 32;

/**
 * The 32 random bytes that this home signs with, created when they are first needed. Where several processes create
 * them at once, all use those of the first. Throws AppError STORE_ERROR.
 */
export function homeSecret(paths: HomePaths): Buffer {
  const file = path.join(paths.state, 'secret.key');
  try {
    isFolder(paths.state);
    const known = readIfThere(file);
    if (known?.length === SECRET_BYTES) return known;
    prepareHome(paths);
    const temporary = path.join(paths.state, `.secret.${randomUUID()}.tmp`);
    fs.writeFileSync(temporary, randomBytes(SECRET_BYTES), { mode: 0o600, flush: true });
    if (known) fs.renameSync(temporary, file);
    else putOnce(temporary, file);
    return readPlain(file);
  } catch (error) {
    throw storeError(error, `Making ${file}`);
  }
}

/** Puts a file under its final name, unless another process was first. */
function putOnce(temporary: string, file: string): void {
  try {
    linkOnce(temporary, file);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** Refuses a folder that holds a log but no home.json. Such a folder isn't a new home. */
function refuseOrphans(paths: HomePaths, marker: string): void {
  if (!fs.existsSync(paths.log) || fs.readdirSync(paths.log).length === 0) return;
  // Another process may have created the home since the first look: it writes the marker before its first commit.
  if (fs.existsSync(marker)) return;
  throw new AppError(
    'STORE_ERROR',
    `${marker} is missing although ${paths.log} holds a log. The home was left untouched. Restore ${marker} ({"format": ${HOME_FORMAT}} for this version).`,
  );
}

function refuseNetwork(home: string): void {
  const name = NETWORK.get(fs.statfsSync(home).type);
  if (!name) return;
  throw new AppError(
    'STORE_ERROR',
    `${home} lies on a network file system (${name}), where appends by several processes can overwrite each other. Set COUNTERSIGN_HOME to a folder on a local disk.`,
  );
}

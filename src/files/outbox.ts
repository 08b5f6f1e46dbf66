import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Outbox } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import type { ActionRef } from '../domain/runs/run.ts';
import { errorCode, isFolder, readIfThere, storeError, syncDirectory } from './durable.ts';

const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
/** The name of a file that an action has left: its run, the digest of its contact's id, its index. */
export const LEFT_BY_ACTION = /^([A-Za-z0-9_-]{1,64})-([0-9a-f]{32})-(\d{1,9})\.(eml|md)$/;
const RUN_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** A file of an outbox, and when it was written. */
export type OutboxFile = { name: string; at: Date; content: Buffer };

export function isOutboxName(name: string): boolean {
  return FILE_NAME.test(name);
}

/** INTERNAL for what can't be the name of a file in the outbox. */
export function demandOutboxName(name: string): void {
  if (isOutboxName(name)) return;
  throw new AppError('INTERNAL', `"${name}" can't be the name of a file in the outbox: use outboxFileName.`);
}

/** What stands in the name of every file that was written for one contact, or in one thread, by its id. */
export function outboxMark(id: string): string {
  return `-${hash(id)}-`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * The name of an action's file, the same at every attempt: `<run_id>-<32 hex of the contact's id>-<index>.<extension>`.
 * Ids may come from a file that somebody else made. So a contact's id is hashed, and a run's id too unless it is
 * harmless.
 */
export function outboxFileName(ref: ActionRef, extension: 'eml' | 'md'): string {
  const run = RUN_ID.test(ref.run_id) ? ref.run_id : hash(ref.run_id);
  return `${run}-${hash(ref.contact_id)}-${ref.action_index}.${extension}`;
}

/** The name of a spoken answer: it goes with its thread, and so with the contact that the thread is about. */
export function answerFileName(threadId: string, iterationId: string, extension: string): string {
  return `chat-${hash(threadId)}-${hash(iterationId).slice(0, 16)}.${extension}`;
}

/** What the name of a file tells that an action has left; undefined for any other name. */
export function readOutboxName(
  name: string,
): { run_id: string; action_index: number; isOf: (contactId: string) => boolean } | undefined {
  const [, run_id, contact, index] = LEFT_BY_ACTION.exec(name) ?? [];
  if (run_id === undefined || index === undefined) return undefined;
  return { run_id, action_index: Number(index), isOf: (contactId) => hash(contactId) === contact };
}

/** A folder for files, in a home: the outbox, or one in it. */
type OutboxPlace = { home: string; within: readonly string[] };

function folderOfPlace({ home, within }: OutboxPlace): string {
  return path.resolve(home, ...within);
}

async function openFolder(place: OutboxPlace): Promise<void> {
  const folder = folderOfPlace(place);
  if (isFolder(folder)) return;
  if (place.within.length > 1) await openFolder({ ...place, within: place.within.slice(0, -1) });
  await fs.mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    // Another attempt may have made the folder meanwhile.
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  syncDirectory(path.dirname(folder));
}

async function writeDurably(file: string, content: string | Buffer): Promise<void> {
  const handle = await fs.open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes one file (mode 0600) to a folder of its own (mode 0700), whole or not at all, in place of the file of an earlier
 * attempt. Returns its absolute path once it is on disk. A failure of the file system is a STORE_ERROR that names the
 * path.
 */
async function writeToOutbox(place: OutboxPlace, fileName: string, content: string | Buffer): Promise<string> {
  demandOutboxName(fileName);
  const folder = folderOfPlace(place);
  const file = path.join(folder, fileName);
  const temporary = path.join(folder, `.${fileName}.${randomUUID()}.tmp`);
  try {
    await openFolder(place);
    await writeDurably(temporary, content);
    await fs.rename(temporary, file);
    syncDirectory(folder);
    return file;
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw storeError(error, `Writing ${file}`);
  }
}

async function readFromOutbox(place: OutboxPlace, fileName: string): Promise<Buffer | undefined> {
  const file = path.join(folderOfPlace(place), fileName);
  try {
    return FILE_NAME.test(fileName) ? readIfThere(file) : undefined;
  } catch (error) {
    throw storeError(error, `Reading ${file}`);
  }
}

async function newestInOutbox(place: OutboxPlace, most: number): Promise<string[]> {
  const folder = folderOfPlace(place);
  try {
    if (!isFolder(folder)) return [];
    const names = (await fs.readdir(folder)).filter((name) => LEFT_BY_ACTION.test(name));
    const dated = await Promise.all(
      names.map(async (name) => {
        const stat = await fs.lstat(path.join(folder, name)).catch(() => undefined);
        return stat?.isFile() ? [{ name, at: stat.mtimeMs }] : [];
      }),
    );
    const sorted = dated.flat().sort((a, b) => b.at - a.at);
    return sorted.slice(0, most).map(({ name }) => name);
  } catch (error) {
    throw storeError(error, `Reading ${folder}`);
  }
}

/** Removes the files whose names are wanted; there may be none. */
async function removeFrom(place: OutboxPlace, isWanted: (name: string) => boolean): Promise<void> {
  const folder = folderOfPlace(place);
  try {
    if (!isFolder(folder)) return;
    const names = (await fs.readdir(folder)).filter(isWanted);
    await Promise.all(names.map((name) => fs.rm(path.join(folder, name), { force: true })));
    if (names.length > 0) syncDirectory(folder);
  } catch (error) {
    throw storeError(error, `Removing files from ${folder}`);
  }
}

/** The outbox of a home, the folder `HOME/outbox`. */
export function createOutbox(home: string): Outbox {
  const place = { home, within: ['outbox'] };
  return {
    write: (fileName, content) => writeToOutbox(place, fileName, content),
    read: (fileName) => readFromOutbox(place, fileName),
    newest: (most) => newestInOutbox(place, most),
    remove: (id) => removeFrom(place, (name) => name.includes(outboxMark(id))),
  };
}

/** The names of the plain files in a folder. */
async function namesIn(place: OutboxPlace): Promise<string[]> {
  const folder = folderOfPlace(place);
  try {
    if (!isFolder(folder)) return [];
    const found = await fs.readdir(folder, { withFileTypes: true });
    return found.flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch (error) {
    throw storeError(error, `Reading ${folder}`);
  }
}

/** The file that a process was writing when it was killed, by the name of what is left of it. */
const TEMPORARY = /^\.(.+)\.[0-9a-f-]{36}\.tmp$/;

/** What this machine wrote into an outbox that several share, once more: the folder `HOME/outbox/copies`. */
export function createCopies(home: string) {
  const place = { home, within: ['outbox', 'copies'] };
  const fileNameOf = (name: string) => TEMPORARY.exec(name)?.[1] ?? name;
  return {
    write: (fileName: string, content: string | Buffer) => writeToOutbox(place, fileName, content),
    /** Removes the copies with a mark in their names. */
    remove: (mark: string) => removeFrom(place, (name) => name.includes(mark)),
    /** Removes the copies of what there isn't any more. */
    async tidy(kept: (fileNames: readonly string[]) => Promise<ReadonlySet<string>>): Promise<void> {
      const names = await namesIn(place);
      if (names.length === 0) return;
      const still = await kept(names.map(fileNameOf));
      await removeFrom(place, (name) => names.includes(name) && !still.has(fileNameOf(name)));
    },
  };
}

/** Every file in the outbox of a home, one after the other. */
export async function* outboxFilesOf(home: string): AsyncGenerator<OutboxFile> {
  const place = { home, within: ['outbox'] };
  for (const name of (await namesIn(place)).filter(isOutboxName)) {
    const stat = await fs.lstat(path.join(folderOfPlace(place), name)).catch(() => undefined);
    const content = stat && (await readFromOutbox(place, name));
    if (content) yield { name, at: stat.mtime, content };
  }
}

/** Puts a file of another outbox into a home's, as old as it is. */
export async function putInOutbox(home: string, { name, at, content }: OutboxFile): Promise<void> {
  await fs.utimes(await createOutbox(home).write(name, content), at, at);
}

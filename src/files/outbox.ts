import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Outbox } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import type { ActionRef } from '../domain/runs/run.ts';
import { errorCode, isFolder, readIfThere, storeError, syncDirectory } from './durable.ts';

const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
/** The name of a file that an action has left: its run, the digest of its contact's id, its index. */
const LEFT = /^([A-Za-z0-9_-]{1,64})-([0-9a-f]{32})-(\d{1,9})\.(eml|md)$/;
const RUN_ID = /^[A-Za-z0-9_-]{1,64}$/;

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
  const [, run_id, contact, index] = LEFT.exec(name) ?? [];
  if (run_id === undefined || index === undefined) return undefined;
  return { run_id, action_index: Number(index), isOf: (contactId) => hash(contactId) === contact };
}

async function openFolder(folder: string): Promise<void> {
  if (isFolder(folder)) return;
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
 * Writes one file (mode 0600) to HOME/outbox (mode 0700), whole or not at all, in place of the file of an earlier
 * attempt. Returns its absolute path once it is on disk. A failure of the file system is a STORE_ERROR that names the
 * path.
 */
async function writeToOutbox(home: string, fileName: string, content: string | Buffer): Promise<string> {
  if (!FILE_NAME.test(fileName))
    throw new AppError('INTERNAL', `"${fileName}" can't be the name of a file in the outbox: use outboxFileName.`);
  const folder = path.resolve(home, 'outbox');
  const file = path.join(folder, fileName);
  const temporary = path.join(folder, `.${fileName}.${randomUUID()}.tmp`);
  try {
    await openFolder(folder);
    await writeDurably(temporary, content);
    await fs.rename(temporary, file);
    syncDirectory(folder);
    return file;
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw storeError(error, `Writing ${file}`);
  }
}

async function readFromOutbox(home: string, fileName: string): Promise<Buffer | undefined> {
  const file = path.join(path.resolve(home, 'outbox'), fileName);
  try {
    return FILE_NAME.test(fileName) ? readIfThere(file) : undefined;
  } catch (error) {
    throw storeError(error, `Reading ${file}`);
  }
}

async function newestInOutbox(home: string, most: number): Promise<string[]> {
  const folder = path.resolve(home, 'outbox');
  try {
    if (!isFolder(folder)) return [];
    const names = (await fs.readdir(folder)).filter((name) => LEFT.test(name));
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

/** Removes the files that were written for one contact, or in one thread; there may be none. */
async function removeFromOutbox(home: string, id: string): Promise<void> {
  const folder = path.resolve(home, 'outbox');
  const mark = `-${hash(id)}-`;
  try {
    if (!isFolder(folder)) return;
    const names = (await fs.readdir(folder)).filter((name) => name.includes(mark));
    await Promise.all(names.map((name) => fs.rm(path.join(folder, name), { force: true })));
    if (names.length > 0) syncDirectory(folder);
  } catch (error) {
    throw storeError(error, `Removing files from ${folder}`);
  }
}

/** The outbox of a home, the folder `HOME/outbox`. */
export function createOutbox(home: string): Outbox {
  return {
    write: (fileName, content) => writeToOutbox(home, fileName, content),
    read: (fileName) => readFromOutbox(home, fileName),
    newest: (most) => newestInOutbox(home, most),
    remove: (id) => removeFromOutbox(home, id),
  };
}

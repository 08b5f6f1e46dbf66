import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Outbox } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import type { ActionRef } from '../domain/runs/run.ts';
import { errorCode, isFolder, storeError, syncDirectory } from './durable.ts';

const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
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

/** Removes the files that were written for one contact; there may be none. */
async function removeFromOutbox(home: string, contactId: string): Promise<void> {
  const folder = path.resolve(home, 'outbox');
  const mark = `-${hash(contactId)}-`;
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
    remove: (contactId) => removeFromOutbox(home, contactId),
  };
}

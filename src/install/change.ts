import path from 'node:path';
import { AppError } from '../domain/base/errors.ts';
import {
  type ClientFile,
  folderEntries,
  isAsRead,
  isThere,
  keepClientFile,
  readClientFile,
  removeClientFile,
  writeClientFile,
} from '../files/client-file.ts';
import { putsIn, withoutPuts, withPuts } from './apply.ts';
import { openFormat } from './formats.ts';
import { Damaged, type FilePart, type TextFormat, untouched } from './part.ts';

/**
 * What becomes of one file: `after` is its new content, undefined where the file goes. `backup` is the file that keeps
 * `before`: made by an installation, and dropped once it is needed no more.
 */
export type Change = {
  file: string;
  before: ClientFile | undefined;
  after: string | Buffer | undefined;
  backup?: { file: string; verb: 'make' | 'drop' | 'leave' };
};

type Backup = { file: string; number: number };

/** The backups that installations under a name made of a file, the newest last. */
function backupsOf(file: string, name: string): Backup[] {
  const start = `${path.basename(file)}.before-${name}`;
  const numbered = folderEntries(path.dirname(file)).flatMap((entry) => {
    const number =
      entry === start ? 1 : Number(entry.startsWith(`${start}.`) ? entry.slice(start.length + 1) : Number.NaN);
    return Number.isSafeInteger(number) ? [{ entry, number }] : [];
  });
  return numbered
    .sort((one, other) => one.number - other.number)
    .map(({ entry, number }) => ({ file: path.join(path.dirname(file), entry), number }));
}

/** A name that nothing has, behind those of all earlier backups: some of them may be gone. */
function newBackup(file: string, name: string): string {
  const nameOf = (number: number) => `${file}.before-${name}${number === 1 ? '' : `.${number}`}`;
  let number = (backupsOf(file, name).at(-1)?.number ?? 0) + 1;
  while (isThere(nameOf(number))) number++;
  return nameOf(number);
}

/** Does work on a file's text. A text that can't be understood is left alone, by name. */
async function onText<T>(part: FilePart, work: (format: TextFormat) => T): Promise<T> {
  const format = await openFormat(part.format);
  try {
    return work(format);
  } catch (error) {
    if (error instanceof Damaged) throw untouched(part.file, error.message);
    if (error instanceof RangeError) throw untouched(part.file, 'it is nested too deeply');
    throw error;
  }
}

/** What an installation makes of a file; undefined where everything is there already. Nothing is written. */
export async function installedChange(part: FilePart, name: string): Promise<Change | undefined> {
  const { file, puts, begins = '' } = part;
  const before = readClientFile(file);
  return onText(part, (format) => {
    const text = before?.text ?? '';
    const after = withPuts(format, text.trim() === '' ? begins : text, puts);
    if (before !== undefined && after === text) return undefined;
    const isNew = putsIn(format, text, puts).length === 0;
    const backup: Change['backup'] =
      before !== undefined && (isNew || backupsOf(file, name).length === 0)
        ? { file: newBackup(file, name), verb: 'make' }
        : undefined;
    return { file, before, after: (before?.mark ?? '') + after, ...(backup ? { backup } : {}) };
  });
}

/** Whether a text is what an installation made of an earlier one. */
function cameFrom(format: TextFormat, earlier: string, text: string, part: FilePart): boolean {
  try {
    return withPuts(format, earlier.trim() === '' ? (part.begins ?? '') : earlier, part.puts) === text;
  } catch {
    return false;
  }
}

/** What taking an installation back makes of a file; undefined where nothing of it is there. Nothing is written. */
export async function uninstalledChange(part: FilePart, name: string): Promise<Change | undefined> {
  const { file } = part;
  const before = readClientFile(file);
  if (before === undefined) return undefined;
  const { text, mark } = before;
  const kept = backupsOf(file, name).at(-1)?.file;
  const backup = kept === undefined ? undefined : readClientFile(kept);
  return onText(part, (format) => {
    const puts = putsIn(format, text, part.puts);
    if (puts.length === 0) return undefined;
    const own = { ...part, puts };
    if (kept === undefined || backup === undefined) {
      const bare = withoutPuts(format, text, puts, {});
      const isNothing = cameFrom(format, '', text, own) || Object.keys(format.parse(bare)).length === 0;
      return { file, before, after: isNothing ? undefined : mark + bare };
    }
    if (cameFrom(format, backup.text, text, own))
      return { file, before, after: backup.bytes, backup: { file: kept, verb: 'drop' } };
    const bare = withoutPuts(format, text, puts, format.parse(backup.text));
    return { file, before, after: mark + bare, backup: { file: kept, verb: 'leave' } };
  });
}

/** Makes a change, unless the file was changed since it was looked at. `root` is the folder that stays in any case. */
export function makeChange({ file, before, after, backup }: Change, root: string): void {
  if (!isAsRead(file, before))
    throw new AppError(
      'CONFLICT',
      `${file} was changed by its program meanwhile. Nothing was written to it: try again.`,
    );
  if (backup?.verb === 'make' && before !== undefined) keepClientFile(backup.file, before.bytes, before.mode & 0o600);
  if (after === undefined) removeClientFile(file, root);
  else writeClientFile(file, after, before);
  if (backup?.verb === 'drop') removeClientFile(backup.file, root);
}

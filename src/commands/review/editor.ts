import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;
const IS_WINDOWS = process.platform === 'win32';

function editorOf(env: Env): string {
  return env.VISUAL ?? env.EDITOR ?? (IS_WINDOWS ? 'notepad' : 'vi');
}

/** `$VISUAL` and `$EDITOR` are shell words, as in `code --wait`. The file is an argument of its own. */
function open(editor: string, file: string) {
  if (IS_WINDOWS) return spawn(`${editor} "${file}"`, { shell: true, stdio: 'inherit' });
  return spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
}

/**
 * Opens a text in the person's editor, in a file that nobody else can read, and that is removed in any case. `done`
 * gives the edited text, or undefined where the editor failed.
 */
export function editFile(
  text: string,
  extension: string,
  env: Env,
): { done: Promise<string | undefined>; stop: (signal: NodeJS.Signals) => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-edit-'));
  const file = path.join(folder, `action.${extension}`);
  const remove = () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  const child = open(editorOf(env), file);
  const done = new Promise<string | undefined>((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('exit', (code) => resolve(code === 0 ? read(file) : undefined));
  }).finally(() => {
    process.removeListener('exit', remove);
    remove();
  });
  return { done, stop: (signal) => child.kill(signal) };
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

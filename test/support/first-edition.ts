import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
/** The commit of the first edition: the last one that writes homes of format 1. */
const COMMIT = '7fd5c4e';

function run(command: string, args: string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The commit's files. Its history must be at hand, because no other copy of that edition is. */
function unpack(folder: string): void {
  const tar = path.join(folder, 'edition.tar');
  try {
    run('git', ['archive', '--output', tar, COMMIT], ROOT);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `This test builds the first edition from git, and commit ${COMMIT} isn't at hand in ${ROOT}. Run it in a full clone (\`git fetch --unshallow\` in a shallow one), not in a tarball. ${why}`,
    );
  }
  run('tar', ['-xf', tar, '-C', folder], ROOT);
  fs.rmSync(tar);
}

/** Builds the first edition in a temporary folder. Gives its program. Throws where its history isn't at hand. */
export function buildFirstEdition(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-first-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  unpack(folder);
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  run(process.execPath, [path.join('scripts', 'build.mjs')], folder);
  return path.join(folder, 'dist', 'countersign.js');
}

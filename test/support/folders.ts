import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';
const ENOUGH_BYTES = 1 << 30;

function hasRoom(folder: string): boolean {
  if (!fs.existsSync(folder)) return false;
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize >= ENOUGH_BYTES;
}

/**
 * A fresh folder, in memory where there is room: what a disk keeps is no matter of these tests, and a process that is killed
 * leaves the same there. A busy disk would take most of their time. End-to-end tests use a real one.
 */
export function freshFolder(name: string): string {
  const parent = hasRoom(IN_MEMORY) ? IN_MEMORY : os.tmpdir();
  return fs.mkdtempSync(path.join(parent, `countersign-${name}-`));
}

/** Removes a folder of a test. What a process or a thread that is ending has under way may put a file back meanwhile. */
export function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Deps } from '../../domain/base/deps.ts';
import { makeFolder, replaceFile } from '../../files/durable.ts';
import type { HomePaths } from './home.ts';
import type { SetAside } from './log/log.ts';
import { numberOfSnapshot } from './snapshots/snapshot.ts';

function removeSnapshotsAfter(n: number, directory: string): void {
  for (const entry of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const snapshot = path.join(directory, entry);
    const at = entry.endsWith('.json') ? numberOfSnapshot(snapshot) : undefined;
    if (at !== undefined && at > n) fs.rmSync(snapshot, { force: true });
  }
}

/** Keeps the bytes of an unreadable newest commit in a file, and removes the snapshots that include it. */
export function keepAside(paths: HomePaths, aside: SetAside, log: Deps['log']): void {
  const name = `after-commit-${aside.after}-${createHash('sha256').update(aside.bytes).digest('hex').slice(0, 12)}.txt`;
  const file = path.join(paths.aside, name);
  makeFolder(paths.aside);
  replaceFile(file, aside.bytes);
  removeSnapshotsAfter(aside.after, paths.state);
  log.warn(
    { log: aside.file, kept: file, commit: aside.after + 1 },
    `commit ${aside.after + 1}, the newest, can't be read; it was dropped, its bytes are kept in ${file}, and everything before it is there`,
  );
}

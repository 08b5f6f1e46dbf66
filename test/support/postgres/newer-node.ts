import { execFileSync } from 'node:child_process';

const NEEDED = [22, 12] as const;

/** A Node that can work with a database: this one, or a Node 24 that npm brings. */
export function newerNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return process.execPath;
  const words = ['--yes', '--package', 'node@24', 'node', '-p', 'process.execPath'];
  return execFileSync('npx', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

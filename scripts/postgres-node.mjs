const NEEDED = [22, 12];

/**
 * The words that start a Node which can work with PostgreSQL: this one, or where it is older, a Node 24 that npm brings.
 */
export function nodeForPostgres() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return [process.execPath];
  return ['npx', '--yes', '--package', 'node@24', 'node'];
}

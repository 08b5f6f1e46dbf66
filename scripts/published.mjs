// The package as it is published: the built program needs no packages, no scripts and nothing of development. npm runs this
// before it packs, and again with --restore after; the true package.json waits in build/ meanwhile.
import { copyFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';

const KEPT = 'build/package.json';
const PUBLISHED = [
  ...['name', 'version', 'description', 'keywords', 'license', 'author', 'homepage', 'bugs', 'repository', 'mcpName'],
  ...['type', 'engines', 'bin', 'files', 'publishConfig'],
];

async function trim() {
  await mkdir('build', { recursive: true });
  const whole = JSON.parse(await readFile('package.json', 'utf8'));
  // After a pack that was interrupted the true one is kept already.
  if (whole.scripts !== undefined) await copyFile('package.json', KEPT);
  const published = Object.fromEntries(PUBLISHED.flatMap((key) => (key in whole ? [[key, whole[key]]] : [])));
  await writeFile('package.json', `${JSON.stringify(published, null, 2)}\n`);
}

async function restore() {
  const isKept = await stat(KEPT).then(
    () => true,
    () => false,
  );
  if (isKept) await rename(KEPT, 'package.json');
}

await (process.argv.includes('--restore') ? restore() : trim());

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
const read = (name: string) => JSON.parse(fs.readFileSync(path.join(ROOT, name), 'utf8'));

/** The names of the packages in a folder's lock file that run a script when they are installed. */
function packagesWithInstallScript(folder: string): string[] {
  const packages: Record<string, { hasInstallScript?: boolean }> = read(
    path.join(folder, 'package-lock.json'),
  ).packages;
  return Object.keys(packages)
    .filter((place) => packages[place]?.hasInstallScript)
    .map((place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length));
}

describe('installing', () => {
  // npm 11 warns at each install about a package whose install script is neither allowed nor denied.
  it.each(['.', 'bench'])('settles in %s, by name, whether a package may run its install script', (folder) => {
    const settled = Object.keys(read(path.join(folder, 'package.json')).allowScripts ?? {});
    expect(new Set(settled)).toEqual(new Set(packagesWithInstallScript(folder)));
  });
});

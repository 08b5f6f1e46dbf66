import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const PACKAGES = 'node_modules/';
const LICENCE_FILE = /^(licen[cs]e|unlicen[cs]e|copying|copyright|notice|third[-_. ]?party)/i;
const DOUBLE_RULE = '='.repeat(80);
const RULE = '-'.repeat(80);
const HEAD = `THIRD-PARTY NOTICES

The built program holds code of the packages below. Each package stands above the text of its licence. A package without a
licence file stands above the licence that its package.json names.`;

/** The folder of the package that a bundled file belongs to; undefined for a file of our own. */
function packageFolder(file) {
  const start = file.lastIndexOf(PACKAGES);
  if (start < 0) return undefined;
  const [scope, name] = file.slice(start + PACKAGES.length).split('/');
  return file.slice(0, start + PACKAGES.length) + (scope.startsWith('@') ? `${scope}/${name}` : scope);
}

/** The folders of the packages whose code esbuild put into a bundle, by esbuild's own record of the bundle. */
function bundledFolders(metafile) {
  const folders = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => packageFolder(file));
  return [...new Set(folders)].filter((folder) => folder !== undefined);
}

/** A package's name, version, licence and its text. Throws where neither a file nor package.json names a licence. */
async function licenceOf(folder) {
  const about = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const title = `${about.name} ${about.version}`;
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name)).map(({ name }) => name);
  const texts = await Promise.all(files.sort().map((name) => readFile(path.join(folder, name), 'utf8')));
  const licence = about.license?.type ?? about.license;
  if (licence === undefined && texts.length === 0) throw new Error(`${title} is bundled, but names no licence.`);
  const text = texts.map((each) => each.replaceAll('\r\n', '\n').trim()).join(`\n\n${RULE}\n\n`);
  return {
    title,
    text: `Licence: ${licence ?? 'see below'}\n\n${text || 'The package carries no licence file. Its package.json names the licence above.'}`,
  };
}

/**
 * The notices that go with a bundle: every bundled package by name and version with its licence; packages with the same
 * text stand together. Then the licence comments of the bundled files, as esbuild collected them: they are about code
 * that a package took over from elsewhere.
 */
export async function noticesOf(metafile, licenceComments) {
  const licences = await Promise.all(bundledFolders(metafile).map(licenceOf));
  const titles = new Map();
  for (const { title, text } of licences.sort((a, b) => (a.title < b.title ? -1 : 1)))
    titles.set(text, [...(titles.get(text) ?? []), title]);
  const sections = [...titles].map(([text, same]) => `${[...new Set(same)].join('\n')}\n${RULE}\n${text}`);
  if (licenceComments !== '') sections.push(licenceComments.trim());
  return `${[HEAD, ...sections].join(`\n\n${DOUBLE_RULE}\n`)}\n`;
}

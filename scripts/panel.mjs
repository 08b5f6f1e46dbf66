import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';

const HERE = path.join(import.meta.dirname, '..', 'panel');
const STYLES = ['tokens', 'layout', 'letter', 'screens'];

/**
 * Names of properties that the page shares with nobody: neither with the server nor with the browser. They are made short.
 * A name that the server sends may not be here: the page would look for it under its short name. `demandOwn` refuses the build.
 */
const OWN_NAMES = `
  state ways redraw isWide mayDecide story stories picked seen stale gone edits draft asking outgoing isBulk
  isOpen said dialog pages isBusy screen trouble current items item desk act hint look off pieces alike others
  words isSigned attributes placed urgent section differences failed send due children choices isFirst
  problem timer isMany dropped
  loads queued under isFresh heading facts kind change last mayCall class
  says cells none head quietAt chosen page fields post isNews past label newName
`;
const OWN = new RegExp(`^(?:${OWN_NAMES.trim().replaceAll(/\s+/g, '|')})$`);

const SHAPES = path.join(HERE, '..', 'src', 'engine', 'base', 'shown');
/** What the rows and changes of the queue are made of: what the page reads of these has types. */
const TYPED = [
  path.join(HERE, 'base', 'wire.ts'),
  ...['action', 'change', 'brake'].map((name) => path.join(SHAPES, `${name}.ts`)),
];

async function codeOf(files) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.join('\n').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

async function filesIn(folder) {
  return (await readdir(folder)).map((name) => path.join(folder, name));
}

/** Those of our own names that a pattern finds in some files. */
async function ownNamesIn(files, pattern) {
  const found = (await codeOf(files)).matchAll(pattern);
  return new Set([...found].map(([, name]) => name).filter((name) => OWN.test(name)));
}

/** Refuses to build a page that would read something of what the server sends under a name that the build makes short. */
async function demandOwn() {
  // A property of a type or a shape; in a screen, whatever is read of a thing by its name.
  const [held, read] = [/(?<=^|[\s{;(])(\w+)\??: (?!_)/g, /(?<=[.{,]\s*)(\w+)\b/g];
  const sent = await ownNamesIn(await filesIn(SHAPES), held);
  const onScreens = await ownNamesIn(await filesIn(path.join(HERE, 'screens')), read);
  const both = [...(await ownNamesIn(TYPED, held)), ...[...onScreens].filter((name) => sent.has(name))];
  if (both.length === 0) return;
  const names = [...new Set(both)].join(', ');
  throw new Error(
    `The server sends something by a name that the page has for itself: ${names}. The build makes such a name short, so the page would read it as undefined. Take it out of OWN_NAMES in scripts/panel.mjs, or call the page's own by another name.`,
  );
}

/** What `src/domain/text/visible` takes from Node, as a browser has it. */
const HOSTS = {
  name: 'hosts',
  setup({ onResolve }) {
    onResolve({ filter: /^node:url$/ }, () => ({ path: path.join(HERE, 'text', 'hosts.ts') }));
  },
};

async function built(options) {
  const { outputFiles } = await build({ bundle: true, minify: true, write: false, legalComments: 'none', ...options });
  return outputFiles[0].text.trim();
}

/**
 * The same code in words that a minifier makes shorter, but never finds by itself: functions of the module as arrow functions,
 * elements without attributes by a number, a class that never changes as a part of its element's name ("p.soft"), what is
 * undefined by a name, and texts compared with a word by `==`, which does the same. `code` is as esbuild prints it with its
 * white space: what begins and ends a function of the module stands at the beginning of a line.
 */
function inShortWords(code) {
  const begun = /^(async )?function ([\w$]+)(\(.*?\)) \{\n(.*?)^\}$/gms;
  const short = code
    .replaceAll('void 0', 'NOTHING')
    .replace(/([!=]=)= "(?=[a-z])/gi, '$1 "')
    .replace(begun, (whole, asynchronous = '', name, given, body) =>
      /\bthis\./.test(body) ? whole : `var ${name} = ${asynchronous}${given} => {\n${body}};`,
    )
    .replace(/(\/\* @__PURE__ \*\/ h\("\w+)", \{\s+c: "([^"]+)",?\s*/g, '$1.$2", {')
    .replace(/(\/\* @__PURE__ \*\/ h\([^,]+), (?:null|\{\})/g, '$1, 0');
  return `var NOTHING;\n${short}`;
}

/** The style, in a sixth of the room that it takes as text. `panel/base/style.ts` makes a style of it again. */
async function packedStyle() {
  const contents = STYLES.map((name) => `@import "./style/${name}.css";`).join('\n');
  const style = await built({ stdin: { contents, loader: 'css', resolveDir: HERE }, target: 'es2022' });
  return deflateRawSync(style, { level: 9 }).toString('base64');
}

/** Makes the desk: page and panel in one file, with nothing to be fetched beside it. */
export async function buildPanel(outfile) {
  await demandOwn();
  const whole = await built({
    minify: false,
    minifySyntax: true,
    entryPoints: [path.join(HERE, 'main.tsx')],
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    tsconfig: path.join(HERE, 'tsconfig.json'),
    inject: [path.join(HERE, 'base', 'jsx.ts')],
    define: { PACKED_STYLE: JSON.stringify(await packedStyle()) },
    mangleProps: OWN,
    mangleCache: { class: 'c' },
    plugins: [HOSTS],
  });
  const script = await built({
    stdin: { contents: inShortWords(whole) },
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
  });
  const shell = (await readFile(path.join(HERE, 'desk.html'), 'utf8')).replaceAll('\n', '');
  // Nothing in a script may end it; and the text may hold "$&", so it comes by a function.
  const html = shell.replace('/* script */', () => script.replaceAll('</script', '<\\/script'));
  await writeFile(outfile, html);
  return Buffer.byteLength(html);
}

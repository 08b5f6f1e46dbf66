import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import { noticesOf } from './notices.mjs';
import { buildPanel } from './panel.mjs';

const DIST = 'dist';
const COMMON = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
};

/** Libraries that few processes need, and late: each is a file of its own, which no start reads. */
const APART =
  /^(?:imapflow|postal-mime|@hono\/node-server|jose|@simplewebauthn\/server|jsonc-parser|yaml|@decimalturn\/toml-patch|music-metadata|pg|pg-boss)$/;
/** Of these, what npm may leave out. The program then says how to install it. */
const OPTIONAL = /^pg(?:-boss)?$/;
/** What such a file gives, where a library has a default export: that, with the others as its properties. */
const DEFAULT = 'if (module.exports.default) module.exports = Object.assign(module.exports.default, module.exports);';

/**
 * The same code in ASCII alone. The launcher reads code byte by byte, which takes a fraction of the time that decoding takes.
 * esbuild escapes strings itself; this escapes regular expressions, and raw templates that regular expressions are made of.
 */
function asciiOf(code) {
  return code.replace(/(\\*)([^\0-\x7f])/g, (_, backslashes, letter) => {
    if (backslashes.length % 2 === 1) throw new Error(`A backslash before "${letter}" can't be escaped: leave it out.`);
    return `${backslashes}\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Writes a bundle under a name with the digest of its text, so that another text is never taken for this one. */
async function writeBundle(built, name) {
  const contents = asciiOf(built.outputFiles.find((file) => file.path.endsWith('.js')).text);
  const file = `${name}-${createHash('sha256').update(contents).digest('hex').slice(0, 12)}.js`;
  await writeFile(path.join(DIST, file), contents);
  return file;
}

const OUTPUT = { outdir: DIST, write: false, metafile: true, legalComments: 'external', logLevel: 'warning' };

/** Bundles a library that stands apart. */
async function buildApart(name) {
  // The CommonJS of jsonc-parser finds its own files only unbundled.
  const mainFields = ['module', 'main'];
  const built = await build({ ...COMMON, ...OUTPUT, mainFields, entryPoints: [name], footer: { js: DEFAULT } });
  return { built, file: await writeBundle(built, name.replace(/^\W/, '').replace(/\W+/g, '-')) };
}

/**
 * Bundles the program into one file; what runs in the thread of checks, and libraries that stand apart, into others. The
 * notices of the bundled packages go beside them, with the licence comments in them, so that no start has to read those.
 */
async function buildApp() {
  const checks = await build({ ...COMMON, ...OUTPUT, entryPoints: ['src/checks/thread-entry.ts'] });
  // Only from sources is the thread's file found by the place of its module.
  const define = { CHECKS_FILE: JSON.stringify(await writeBundle(checks, 'checks')), 'import.meta.url': 'undefined' };
  const apart = new Map();
  const plugin = {
    name: 'apart',
    setup({ onResolve, resolve }) {
      onResolve({ filter: APART }, async ({ path: name, kind, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === 'found') return undefined;
        if (OPTIONAL.test(name)) {
          const { errors } = await resolve(name, { kind, resolveDir, pluginData: 'found' });
          if (errors.length > 0) return { path: name, external: true };
        }
        if (!apart.has(name)) apart.set(name, buildApart(name));
        return { path: `./${(await apart.get(name)).file}`, external: true };
      });
    },
  };
  // Compiled code that an earlier start kept can't `import()` another file, only require it.
  const supported = { 'dynamic-import': false };
  const app = await build({ ...COMMON, ...OUTPUT, entryPoints: ['src/main.ts'], define, plugins: [plugin], supported });
  const rest = (await Promise.all(apart.values())).map(({ built }) => built);
  const own = Object.entries(checks.metafile.outputs).map(([file, output]) => [`checks/${file}`, output]);
  const outputs = Object.assign(Object.fromEntries(own), ...[app, ...rest].map(({ metafile }) => metafile.outputs));
  // Only re2js, which is in the program too, has licence comments in the thread's code.
  const comments = [app, ...rest].flatMap(({ outputFiles }) =>
    outputFiles.filter((file) => file.path.endsWith('.LEGAL.txt')),
  );
  const notices = await noticesOf({ outputs }, comments.map(({ text }) => text.trim()).join('\n\n'));
  await writeFile(path.join(DIST, 'THIRD-PARTY-NOTICES'), notices);
  return writeBundle(app, 'app');
}

async function buildLauncher(app) {
  const outfile = path.join(DIST, 'countersign.js');
  const define = { APP_FILE: JSON.stringify(app) };
  const banner = { js: '#!/usr/bin/env node' };
  await build({
    ...COMMON,
    entryPoints: ['src/process/cached-start.ts'],
    outfile,
    define,
    banner,
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
}

const line = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const clientInfo = { name: 'countersign-build', version: '1' };
const TALK = [
  { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/list' },
  { id: 3, method: 'tools/call', params: { name: 'list_agents', arguments: {} } },
];

/** Starts the server once, so that the first real start finds compiled code. Without it a start is only slower. */
async function warmUp() {
  const home = await mkdtemp(path.join(os.tmpdir(), 'countersign-build-'));
  const env = { ...process.env, COUNTERSIGN_HOME: home, COUNTERSIGN_TOOLSETS: '', COUNTERSIGN_READ_ONLY: '' };
  const server = spawn(process.execPath, [path.join(DIST, 'countersign.js')], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  for (const message of TALK) server.stdin.write(line(message));
  for (let tries = 0; tries < 100; tries++) {
    await pause(100);
    if ((await readdir(DIST)).some((name) => name.endsWith('.cache'))) break;
  }
  server.stdin.end();
  await ended;
  await rm(home, { recursive: true, force: true });
}

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST);
// Node starts CommonJS from compiled code, but not ES modules: so the bundle is CommonJS, unlike the package around it.
await writeFile(path.join(DIST, 'package.json'), '{ "type": "commonjs" }\n');
await buildPanel(path.join(DIST, 'desk.html'));
await buildLauncher(await buildApp());
await warmUp();

import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';

/** The file name of the built program, with the digest of its text in it. esbuild fills it in. */
declare const APP_FILE: string;

/** The cache is written so late that the client has its first answers by then. */
const WRITE_AFTER_MS = 1_500;
const DIGEST_BYTES = 20;

function demandNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `countersign needs Node 20.19 or later; this is ${process.versions.node}. Install a newer one from https://nodejs.org.\n`,
  );
  process.exit(1);
}

function digestOf(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

/**
 * The name of the cache file. Compiled code fits the same program, engine and flags only, so the name depends on all of
 * them.
 */
function cacheFile(app: string): string {
  const engine = [process.versions.v8, process.arch, ...process.execArgv].join(' ');
  const key = createHash('sha1').update(engine).digest('hex').slice(0, 12);
  return `${app.replace(/\.js$/, '')}.${key}.cache`;
}

/** The code that an earlier start compiled; undefined where there is no whole cache file. */
function readCache(file: string): Buffer | undefined {
  try {
    const bytes = fs.readFileSync(file);
    const data = bytes.subarray(DIGEST_BYTES);
    return digestOf(data).equals(bytes.subarray(0, DIGEST_BYTES)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the compiled code for the next start. Where the file can't be written, starts are just slower. */
function writeCache(file: string, script: vm.Script): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    // V8 takes compiled code only by the flags that a start begins with, and `LeanHeap` may have changed this one.
    v8.setFlagsFromString('--semi-space-growth-factor=2');
    const data = script.createCachedData();
    fs.writeFileSync(temporary, Buffer.concat([digestOf(data), data]));
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

/** Runs the built program as Node runs a CommonJS module, but with the compiled code of an earlier start. */
function launch(): void {
  const app = path.join(__dirname, APP_FILE);
  const cache = cacheFile(app);
  const cachedData = readCache(cache);
  const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(app, 'latin1')}\n})`;
  const script = new vm.Script(source, {
    filename: app,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData ? { cachedData } : {}),
  });
  if (!cachedData || script.cachedDataRejected) setTimeout(() => writeCache(cache, script), WRITE_AFTER_MS).unref();
  const run: unknown = script.runInThisContext();
  const module = { exports: {} };
  if (typeof run === 'function') run(module.exports, require, module, app, __dirname);
}

demandNode();
launch();

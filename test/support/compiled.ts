import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const made = new Map<string, string>();

/** A worker of this folder as one file of JavaScript, compiled once: so it starts in a tenth of the time. */
export function compiled(name: string): string {
  const known = made.get(name);
  if (known) return known;
  const outfile = path.join(mkdtempSync(path.join(os.tmpdir(), 'countersign-worker-')), `${name}.mjs`);
  const banner = { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" };
  const entry = new URL(`${name}.ts`, import.meta.url).pathname;
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile, banner });
  process.once('exit', () => rmSync(path.dirname(outfile), { recursive: true, force: true }));
  made.set(name, outfile);
  return outfile;
}

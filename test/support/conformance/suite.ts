import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The official suite, in one version: a later one may ask for more. It needs Node 22, so it runs on a Node of its own. */
const PACKAGES = ['-p', '@modelcontextprotocol/conformance@0.2.0-alpha.12', '-p', 'node@24'];

/** What a run of the suite found: how many checks passed, and the names of the scenarios that failed, in order. */
export type Conformance = { passed: number; failed: string[]; text: string };

async function run(args: readonly string[], cwd: string): Promise<string> {
  const child = spawn('npx', ['-y', ...PACKAGES, 'conformance', 'server', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await new Promise((resolve) => child.once('close', resolve));
  return said;
}

/** Runs the suite's scenarios, chosen by its own options, against a server of MCP. */
export async function conformance(url: string, ...options: string[]): Promise<Conformance> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-conformance-'));
  try {
    const text = await run(['--url', new URL('/mcp', url).href, ...options], folder);
    const summary = text.slice(text.indexOf('=== SUMMARY ==='));
    const total = /Total: (\d+) passed/.exec(summary)?.[1];
    if (total === undefined) throw new Error(`the suite told no result: ${text}`);
    const failed = [...summary.matchAll(/^✗ ([\w-]+): /gm)].map((match) => String(match[1]));
    return { passed: Number(total), failed: failed.sort(), text };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestPrompt } from '../../scripts/manifest-prompts.ts';
import { VERSION } from '../../src/domain/base/version.ts';
import { PROMPTS } from '../../src/mcp/prompts/index.ts';
import { TOOLS } from '../../tools/index.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const read = (name: string) => JSON.parse(fs.readFileSync(path.join(ROOT, name), 'utf8'));
const MCPB = path.join(ROOT, 'node_modules/@anthropic-ai/mcpb/dist/cli/cli.js');

/** Packs the bundle while dist holds compiled code, and unpacks it into a folder of its own. */
function packAndUnpack(): string {
  const compiled = path.join(ROOT, 'dist/app-0.0.cache');
  fs.writeFileSync(compiled, 'what an earlier start compiled');
  try {
    execFileSync(process.execPath, ['scripts/pack.mjs'], { cwd: ROOT, stdio: 'pipe' });
  } finally {
    fs.rmSync(compiled);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-mcpb-'));
  execFileSync(process.execPath, [MCPB, 'unpack', path.join(ROOT, 'countersign.mcpb'), folder], { stdio: 'pipe' });
  return folder;
}

/** The folders of the packages that esbuild puts into the program, asked of esbuild anew. */
async function bundledFolders(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts', 'src/process/cached-start.ts'],
    outdir: 'dist',
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((file) => (inputs[file]?.bytesInOutput ?? 0) > 0),
  );
  const folders = files.map((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined);
}

describe('the bundle', () => {
  let folder: string;
  beforeAll(() => {
    folder = packAndUnpack();
  });

  it('says of itself what the server says', () => {
    const manifest = read('manifest.json');
    expect(manifest.version).toBe(VERSION);
    expect(read('package.json').version).toBe(VERSION);
    expect(manifest.tools.map((tool: { name: string }) => tool.name)).toEqual(TOOLS.map((tool) => tool.name));
    expect(manifest.prompts).toEqual(PROMPTS.map(manifestPrompt));
    const { COUNTERSIGN_BUNDLE: mark, ...env } = manifest.server.mcp_config.env;
    expect(mark).toBe('1');
    const settings = Object.values(env).map((value) => /^\$\{user_config\.(\w+)\}$/.exec(String(value))?.[1]);
    expect(settings).toEqual(Object.keys(manifest.user_config));
  });

  it('carries the program, its notices and what a client reads, and no compiled code', () => {
    const files = fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'));
    const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs', 'bench', 'bench/README.md'];
    expect(files.map((name) => name.replace(/(app|checks|imapflow|postal-mime)-[0-9a-f]{12}/, '$1')).sort()).toEqual(
      [
        ...['LICENSE', 'dist', 'dist/THIRD-PARTY-NOTICES', 'dist/app.js', 'dist/checks.js', 'dist/countersign.js'],
        ...['dist/imapflow.js', 'dist/postal-mime.js', 'dist/package.json', 'manifest.json', 'package.json'],
        ...[...pages, ...fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)],
      ].sort(),
    );
  });

  it('names every package that it holds, with the text of its licence', async () => {
    const notices = fs.readFileSync(path.join(folder, 'dist/THIRD-PARTY-NOTICES'), 'utf8');
    const lines = new Set(notices.split('\n'));
    const folders = await bundledFolders();
    expect(folders.length).toBeGreaterThan(Object.keys(read('package.json').dependencies).length);
    for (const bundled of folders) {
      const { name, version, license } = read(path.join(bundled, 'package.json'));
      expect(lines).toContain(`${name} ${version}`);
      expect(lines).toContain(`Licence: ${license}`);
      const file = fs.readdirSync(path.join(ROOT, bundled)).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) continue;
      const text = fs.readFileSync(path.join(ROOT, bundled, file), 'utf8');
      expect(notices).toContain(text.replaceAll('\r\n', '\n').trim());
    }
  });

  it('is driven with every setting left empty', async () => {
    const { mcp_config } = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8')).server;
    const args = mcp_config.args.map((arg: string) => arg.replace('${__dirname}', folder));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args,
      env: { ...mcp_config.env, HOME: folder, XDG_DATA_HOME: path.join(folder, 'data') },
    });
    const client = new Client({ name: 'desktop', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(transport);
    const result = await client.callTool({ name: 'list_agents', arguments: {} });
    expect(result.structuredContent).toMatchObject({ agents: [], total: 0 });
    expect(client.getServerVersion()).toMatchObject({ name: 'countersign', version: VERSION });
    await client.close();
  });
});

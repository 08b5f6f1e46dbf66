import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { getMcpConfigForManifest } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestPrompt } from '../../scripts/manifest-prompts.ts';
import { VERSION } from '../../src/domain/base/version.ts';
import { BUNDLE_SETTINGS } from '../../src/domain/text/bundle-words.ts';
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
    const named = [...Object.values(env), ...manifest.server.mcp_config.args.slice(-1)];
    const settings = named.map((value) => /^\$\{user_config\.(\w+)\}$/.exec(String(value))?.[1]);
    expect(settings.sort()).toEqual(Object.keys(manifest.user_config).sort());
    expect(fs.statSync(path.join(folder, manifest.icon)).size).toBeGreaterThan(1_000);
  });

  it('has settings that its errors name as its client shows them, the secret ones marked, and none about proof', () => {
    const { user_config, server } = read('manifest.json');
    const titles = Object.entries(server.mcp_config.env).flatMap(([variable, value]) => {
      const key = /^\$\{user_config\.(\w+)\}$/.exec(String(value))?.[1];
      return key === undefined ? [] : [[variable, user_config[key].title]];
    });
    expect({ ...Object.fromEntries(titles), COUNTERSIGN_ALLOW_DIRS: user_config.allow_dirs.title }).toEqual(
      BUNDLE_SETTINGS,
    );
    for (const [key, { sensitive = false }] of Object.entries<{ sensitive?: boolean }>(user_config))
      expect([key, sensitive]).toEqual([key, /key$|password$/.test(key)]);
    expect(JSON.stringify(user_config)).not.toMatch(/proof|elicited|COUNTERSIGN_/i);
  });

  it('carries the program, its notices and what a client reads, and no compiled code', () => {
    const files = fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'));
    const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs', 'bench', 'bench/README.md'];
    const manual = fs.readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
    expect(
      files
        .map((name) =>
          name.replace(
            /(app|checks|imapflow|postal-mime|hono-node-server|jose|simplewebauthn-server|yaml|jsonc-parser|decimalturn-toml-patch|music-metadata|pg|pg-boss)-[0-9a-f]{12}/,
            '$1',
          ),
        )
        .sort(),
    ).toEqual(
      [
        ...[
          'LICENSE',
          'icon.png',
          'dist',
          'dist/THIRD-PARTY-NOTICES',
          'dist/app.js',
          'dist/checks.js',
          'dist/countersign.js',
        ],
        ...['dist/hono-node-server.js', 'dist/imapflow.js', 'dist/jose.js', 'dist/postal-mime.js'],
        ...['dist/decimalturn-toml-patch.js', 'dist/jsonc-parser.js', 'dist/yaml.js', 'dist/music-metadata.js'],
        'dist/desk.html',
        ...['dist/pg.js', 'dist/pg-boss.js', 'dist/simplewebauthn-server.js'],
        ...['dist/package.json', 'manifest.json', 'package.json'],
        ...[...pages, ...manual.map((name) => `docs/${name.replaceAll('\\', '/')}`)],
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

  it('reads contacts from each folder that its person chose, and says in the words of its settings what else to do', async () => {
    const person = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-person-'));
    const below = (name: string) => path.join(person, name);
    for (const name of ['Downloads', 'one', 'two', 'else']) {
      fs.mkdirSync(below(name));
      fs.writeFileSync(below(`${name}/people.csv`), `email\n${name}@northwind.example\n`);
    }
    const ask = async (allowed: string[] | undefined, name: string) => {
      const config = await getMcpConfigForManifest({
        manifest: read('manifest.json'),
        extensionPath: folder,
        systemDirs: {},
        userConfig: allowed === undefined ? {} : { allow_dirs: allowed.map(below) },
        pathSeparator: '/',
      });
      const { args = [], env = {} } = config ?? {};
      const transport = new StdioClientTransport({
        ...{ command: process.execPath, args, cwd: '/' },
        env: { ...env, HOME: person, XDG_DATA_HOME: below('data') },
      });
      const client = new Client({ name: 'desktop', version: '1' });
      await client.connect(transport);
      const result = await client.callTool({
        name: 'import_contacts',
        arguments: { path: below(`${name}/people.csv`) },
      });
      await client.close();
      return JSON.stringify(result.content);
    };
    expect(await ask(undefined, 'Downloads')).toContain('created\\":1');
    expect(await ask(['one', 'two'], 'two')).toContain('created\\":1');
    const refusal = await ask(['one', 'two'], 'else');
    expect(refusal).toContain('Import folders\\\\\\" in this extension\'s settings');
    expect(refusal).not.toMatch(/COUNTERSIGN_|countersign \w+/);
    fs.rmSync(person, { recursive: true });
  });
});

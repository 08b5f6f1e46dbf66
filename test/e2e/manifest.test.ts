import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it } from 'vitest';
import { manifestPrompt } from '../../scripts/manifest-prompts.ts';
import { PROMPTS } from '../../src/mcp/prompts/index.ts';
import { VERSION } from '../../src/version.ts';
import { TOOLS } from '../../tools/index.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const read = (name: string) => JSON.parse(fs.readFileSync(path.join(ROOT, name), 'utf8'));
const MCPB = path.join(ROOT, 'node_modules/@anthropic-ai/mcpb/dist/cli/cli.js');

describe('the bundle', () => {
  it('says of itself what the server says', () => {
    const manifest = read('manifest.json');
    expect(manifest.version).toBe(VERSION);
    expect(read('package.json').version).toBe(VERSION);
    expect(manifest.tools.map((tool: { name: string }) => tool.name)).toEqual(TOOLS.map((tool) => tool.name));
    expect(manifest.prompts).toEqual(PROMPTS.map(manifestPrompt));
    const settings = Object.values(manifest.server.mcp_config.env).map(
      (value) => /^\$\{user_config\.(\w+)\}$/.exec(String(value))?.[1],
    );
    expect(settings).toEqual(Object.keys(manifest.user_config));
  });

  it('is packed, unpacked and driven with every setting left empty', async () => {
    execFileSync(process.execPath, ['scripts/pack.mjs'], { cwd: ROOT, stdio: 'pipe' });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-mcpb-'));
    execFileSync(process.execPath, [MCPB, 'unpack', path.join(ROOT, 'countersign.mcpb'), folder], { stdio: 'pipe' });
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

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadsFolder } from '../../src/install/places.ts';
import { aClientHome } from '../support/client-home.ts';

type Where = Record<'linux' | 'darwin' | 'win32', string>;

const SUPPORT = 'Library/Application Support';
const everywhere = (file: string): Where => ({ linux: file, darwin: file, win32: file });
const inApps = (file: string): Where => ({
  linux: `.config/${file}`,
  darwin: `${SUPPORT}/${file}`,
  win32: `AppData/Roaming/${file}`,
});

const FILES: [client: string, where: Where][] = [
  ['claude-desktop', inApps('Claude/claude_desktop_config.json')],
  ['claude-code', everywhere('.claude.json')],
  ['cursor', everywhere('.cursor/mcp.json')],
  ['vscode', inApps('Code/User/mcp.json')],
  ['codex', everywhere('.codex/config.toml')],
  ['gemini', everywhere('.gemini/settings.json')],
  ['qwen', everywhere('.qwen/settings.json')],
  ['copilot', everywhere('.copilot/mcp-config.json')],
  ['opencode', everywhere('.config/opencode/opencode.jsonc')],
  ['cline', everywhere('.cline/data/settings/cline_mcp_settings.json')],
  ['continue', everywhere('.continue/config.yaml')],
];

const NAMED: [client: string, variable: string, file: string][] = [
  ['claude-code', 'CLAUDE_CONFIG_DIR', '.claude.json'],
  ['codex', 'CODEX_HOME', 'config.toml'],
  ['gemini', 'GEMINI_CLI_HOME', '.gemini/settings.json'],
  ['qwen', 'QWEN_HOME', 'settings.json'],
  ['copilot', 'COPILOT_HOME', 'mcp-config.json'],
  ['opencode', 'XDG_CONFIG_HOME', 'opencode/opencode.jsonc'],
  ['vscode', 'XDG_CONFIG_HOME', 'Code/User/mcp.json'],
  ['cline', 'CLINE_DIR', 'data/settings/cline_mcp_settings.json'],
  ['cline', 'CLINE_DATA_DIR', 'settings/cline_mcp_settings.json'],
  ['continue', 'CONTINUE_GLOBAL_DIR', 'config.yaml'],
];

describe("a client's own file", () => {
  it.each(FILES)('is the one that it reads on each platform: %s', (client, where) => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const { files, home } = aClientHome(client, { platform });
      expect(files()[0]).toBe(path.join(home, where[platform]));
    }
  });

  it.each(NAMED)('lies where a variable says: %s, %s', (client, variable, file) => {
    const { files } = aClientHome(client, { env: { [variable]: '/elsewhere' } });
    expect(files()[0]).toBe(path.join('/elsewhere', file));
  });

  it('is, for Claude Desktop from the store of Windows, the one in its own folder', () => {
    const { files, home } = aClientHome('claude-desktop', { platform: 'win32' });
    const folder = path.join(home, 'AppData/Local/Packages/Claude_pzs8sxrjxfjjc');
    fs.mkdirSync(folder, { recursive: true });
    expect(files()[0]).toBe(path.join(folder, 'LocalCache/Roaming/Claude/claude_desktop_config.json'));
  });

  it('is, for opencode, the one that is there', () => {
    const { files, home, write } = aClientHome('opencode');
    const file = path.join(home, '.config/opencode/opencode.json');
    write(file, '{}');
    expect(files()[0]).toBe(file);
  });

  it('is, for Cline in VS Code, the one there too, where it is', async () => {
    const { files, home, write, install, read } = aClientHome('cline');
    const file = path.join(
      home,
      '.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    );
    write(file, '{"mcpServers": {}}');
    await install();
    expect(files()).toContain(file);
    expect(read(file)).toContain('countersign');
  });
});

describe('the folder for downloads', () => {
  it("is what the person's desktop calls so, where it is there", () => {
    const { home, write } = aClientHome('cursor');
    const place = { platform: 'linux', home, env: {} } as const;
    expect(downloadsFolder(place)).toBeUndefined();
    fs.mkdirSync(path.join(home, 'Downloads'));
    expect(downloadsFolder(place)).toBe(path.join(home, 'Downloads'));
    fs.mkdirSync(path.join(home, 'Scaricati'));
    write(path.join(home, '.config/user-dirs.dirs'), 'XDG_DESKTOP_DIR="$HOME/x"\nXDG_DOWNLOAD_DIR="$HOME/Scaricati"\n');
    expect(downloadsFolder(place)).toBe(path.join(home, 'Scaricati'));
    write(path.join(home, '.config/user-dirs.dirs'), 'XDG_DOWNLOAD_DIR="$HOME/"\n');
    expect(downloadsFolder(place)).toBeUndefined();
  });
});

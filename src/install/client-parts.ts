import path from 'node:path';
import type { Json } from '../domain/base/json.ts';
import { isThere } from '../files/client-file.ts';
import type { FilePart, Put } from './part.ts';
import { appFolder, fileNamed, firstThere, folderOf, type UserPlace } from './places.ts';

/** How a client starts the server: absolute paths, and the environment. `unlessSet` is what an entry says already else. */
export type Launch = {
  name: string;
  node: string;
  script: string;
  env: Readonly<Record<string, string>>;
  unlessSet: Readonly<Record<string, string>>;
};

/** The tools by which a model decides. */
const DECIDING = ['approve_action', 'review_actions', 'settle_action'];

function server({ node, script, env, unlessSet }: Launch, extra: Record<string, Json> = {}) {
  const command = { command: node, args: [script] };
  return { value: { ...command, env: { ...env } }, defaults: { ...extra, ...command, env: { ...env, ...unlessSet } } };
}

/** The part of a client whose file lists its servers under one key. */
export function listedPart(file: string, key: string, launch: Launch, extra?: Record<string, Json>): FilePart {
  return { file, format: 'json', puts: [{ at: [key, launch.name], entry: launch.name, ...server(launch, extra) }] };
}

export const codex = (place: UserPlace) => folderOf(place, 'CODEX_HOME', '.codex');
export const gemini = (place: UserPlace) => path.join(folderOf(place, 'GEMINI_CLI_HOME'), '.gemini');
export const qwen = (place: UserPlace) => folderOf(place, 'QWEN_HOME', '.qwen');
export const copilot = (place: UserPlace) => folderOf(place, 'COPILOT_HOME', '.copilot');
export const carryOn = (place: UserPlace) => folderOf(place, 'CONTINUE_GLOBAL_DIR', '.continue');
export const opencode = (place: UserPlace) => path.join(folderOf(place, 'XDG_CONFIG_HOME', '.config'), 'opencode');

/** Claude Code keeps its servers in a file beside its folder, or within it where a variable names that. */
export function claudeCodeFile(place: UserPlace): string {
  return place.env.CLAUDE_CONFIG_DIR
    ? path.join(folderOf(place, 'CLAUDE_CONFIG_DIR'), '.claude.json')
    : path.join(place.home, '.claude.json');
}

function clineFolder(place: UserPlace): string {
  const { env } = place;
  if (env.CLINE_DATA_DIR) return path.join(folderOf(place, 'CLINE_DATA_DIR'), 'settings');
  return path.join(folderOf(place, 'CLINE_DIR', '.cline'), 'data', 'settings');
}

/** Cline of VS Code kept its servers in a folder of VS Code. It is written too where it is there. */
export function clineFiles(place: UserPlace): string[] {
  const inCode = appFolder(place, 'Code', 'User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings');
  const old = path.join(inCode, 'cline_mcp_settings.json');
  const named = fileNamed(place, 'CLINE_MCP_SETTINGS_PATH', path.join(clineFolder(place), 'cline_mcp_settings.json'));
  return [named, ...(isThere(old) && old !== named ? [old] : [])];
}

export function codexParts(place: UserPlace, launch: Launch): FilePart[] {
  const put = { at: ['mcp_servers', launch.name], entry: launch.name, ...server(launch) };
  return [{ file: path.join(codex(place), 'config.toml'), format: 'toml', puts: [put] }];
}

export function opencodeParts(place: UserPlace, launch: Launch): FilePart[] {
  const { node, script, env, unlessSet, name } = launch;
  const files = ['opencode.jsonc', 'opencode.json', 'config.json'].map((file) => path.join(opencode(place), file));
  const entry = { type: 'local', command: [node, script], enabled: true };
  const rules = DECIDING.map(
    (tool): Put => ({ at: ['permission', `${name}_${tool}`], value: 'ask', keeps: true, spreads: true }),
  );
  const value = { ...entry, environment: { ...env } };
  const defaults = { ...entry, environment: { ...env, ...unlessSet } };
  return [
    {
      file: firstThere(files),
      format: 'json',
      puts: [{ at: ['mcp', name], entry: name, value, defaults }, ...rules],
      begins: '{\n  "$schema": "https://opencode.ai/config.json"\n}\n',
    },
  ];
}

export function geminiParts(place: UserPlace, launch: Launch): FilePart[] {
  const rule = { mcpName: launch.name, toolName: DECIDING, decision: 'ask_user', priority: 999 };
  return [
    listedPart(path.join(gemini(place), 'settings.json'), 'mcpServers', launch),
    {
      file: path.join(gemini(place), 'policies', `${launch.name}.toml`),
      format: 'toml',
      puts: [{ at: ['rule'], items: [rule] }],
      begins: '# Made by countersign install: a person is asked before these tools, with --yolo too.\n',
    },
  ];
}

export function qwenParts(place: UserPlace, launch: Launch): FilePart[] {
  const { puts, ...part } = listedPart(path.join(qwen(place), 'settings.json'), 'mcpServers', launch);
  const items = DECIDING.map((tool) => `mcp__${launch.name}__${tool}`);
  return [{ ...part, puts: [...puts, { at: ['permissions', 'ask'], items }] }];
}

export function clineParts(place: UserPlace, launch: Launch): FilePart[] {
  // Cline gives a server 3 seconds to start, and goes on without it, unless its entry says how long.
  const extra = { disabled: false, timeout: 60 };
  const settings = fileNamed(
    place,
    'CLINE_GLOBAL_SETTINGS_PATH',
    path.join(clineFolder(place), 'global-settings.json'),
  );
  return [
    ...clineFiles(place).map((file) => listedPart(file, 'mcpServers', launch, extra)),
    { file: settings, format: 'json', puts: [{ at: ['toolAutoApprove'], value: false, keeps: true }] },
  ];
}

export function continueParts(place: UserPlace, launch: Launch): FilePart[] {
  const { value, defaults } = server(launch, { name: launch.name });
  return [
    {
      file: path.join(carryOn(place), 'config.yaml'),
      format: 'yaml',
      puts: [{ at: ['mcpServers'], entry: launch.name, items: [{ name: launch.name, ...value }], defaults }],
      begins: 'name: Local Config\nversion: 1.0.0\nschema: v1\nmodels: []\n',
    },
    { file: path.join(carryOn(place), 'permissions.yaml'), format: 'yaml', puts: [{ at: ['ask'], items: DECIDING }] },
  ];
}

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse as parseToml } from '@decimalturn/toml-patch';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VERSION } from '../../src/domain/base/version.ts';
import { TOOLS } from '../../tools/index.ts';
import { ROOT } from '../support/house-plan.ts';

const text = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const json = (file: string) => JSON.parse(text(file));

/** What the schema of the MCP registry, 2025-12-11, demands of a server in an npm package (docs: generic-server-json). */
const input = z.strictObject({
  name: z.string().min(1),
  description: z.string(),
  format: z.enum(['string', 'number', 'boolean', 'filepath']),
  isSecret: z.boolean().optional(),
});
const registryEntry = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  packages: z.array(
    z.strictObject({
      registryType: z.literal('npm'),
      identifier: z.string(),
      version: z.string(),
      runtimeHint: z.literal('npx'),
      transport: z.strictObject({ type: z.literal('stdio') }),
      environmentVariables: z.array(input),
    }),
  ),
});

/** What Claude Code takes as a plugin and as a marketplace, and Gemini CLI as an extension, of the fields that ours have. */
const about = {
  name: z.string().regex(/^[a-z0-9-]+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  description: z.string(),
};
const person = z.strictObject({ name: z.string() });
const servers = z.record(z.string(), z.strictObject({ command: z.string(), args: z.array(z.string()) }));
const plugin = z.strictObject({ ...about, author: person, license: z.string(), keywords: z.array(z.string()) });
const marketplace = z.strictObject({
  ...{ name: about.name, description: about.description, owner: person },
  plugins: z.array(z.strictObject({ ...about, source: z.string().startsWith('./'), license: z.string() })),
});
const extension = z.strictObject({ ...about, contextFileName: z.string(), mcpServers: servers });
const command = z.strictObject({ type: z.literal('command'), command: z.string() });
const hooks = z.strictObject({
  hooks: z.strictObject({ PreToolUse: z.array(z.strictObject({ matcher: z.string(), hooks: z.array(command) })) }),
});

/** How a link starts the published package. */
const START = { command: 'npx', args: ['-y', `countersign@${VERSION}`] };
const DECIDING = ['approve_action', 'review_actions', 'settle_action'];

describe('what registries and clients are given', () => {
  it('is one version everywhere', () => {
    const { version, packages } = json('server.json');
    const [plugin] = json('.claude-plugin/marketplace.json').plugins;
    const versions = [
      ...[version, packages[0].version, plugin.version, json('manifest.json').version, json('package.json').version],
      json('plugins/claude-code/.claude-plugin/plugin.json').version,
      json('plugins/gemini/gemini-extension.json').version,
    ];
    expect(new Set(versions)).toEqual(new Set([VERSION]));
    for (const file of ['plugins/claude-code/.mcp.json', 'plugins/gemini/gemini-extension.json'])
      expect(json(file).mcpServers.countersign).toEqual(START);
  });

  it('is an entry of the MCP registry, by its schema, under the name that the package has there', () => {
    const entry = registryEntry.parse(json('server.json'));
    expect(entry.name).toBe(json('package.json').mcpName);
    expect(entry.packages[0]?.identifier).toBe(json('package.json').name);
    for (const { name, isSecret = false } of entry.packages[0]?.environmentVariables ?? [])
      expect([name, isSecret]).toEqual([name, name.endsWith('PASSWORD')]);
  });

  it('is a plugin, a marketplace and an extension, by what their clients take, and leads only to what is there', () => {
    plugin.parse(json('plugins/claude-code/.claude-plugin/plugin.json'));
    hooks.parse(json('plugins/claude-code/hooks/hooks.json'));
    z.strictObject({ mcpServers: servers }).parse(json('plugins/claude-code/.mcp.json'));
    const { contextFileName } = extension.parse(json('plugins/gemini/gemini-extension.json'));
    const { plugins } = marketplace.parse(json('.claude-plugin/marketplace.json'));
    for (const place of [`plugins/gemini/${contextFileName}`, ...plugins.map(({ source }) => source)])
      expect([place, fs.existsSync(path.join(ROOT, place))]).toEqual([place, true]);
  });

  it('asks before the tools that decide: in the plugin of Claude Code, and in the extension of Gemini CLI', () => {
    const [{ matcher, hooks }] = json('plugins/claude-code/hooks/hooks.json').hooks.PreToolUse;
    const asked = TOOLS.filter(({ name }) =>
      new RegExp(`^${matcher}$`).test(`mcp__plugin_countersign_countersign__${name}`),
    );
    expect(asked.map(({ name }) => name).sort()).toEqual([...DECIDING].sort());
    const script = hooks[0].command.replace('node "${CLAUDE_PLUGIN_ROOT}', 'plugins/claude-code').replace('"', '');
    const said: unknown = JSON.parse(execFileSync(process.execPath, [path.join(ROOT, script)], { encoding: 'utf8' }));
    expect(said).toMatchObject({ hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'ask' } });
    expect(parseToml(text('plugins/gemini/policies/countersign.toml'))).toMatchObject({
      rule: [{ mcpName: 'countersign', toolName: DECIDING, decision: 'ask_user' }],
    });
  });

  it('leads through the story by tools that there are', () => {
    const known = new Set<string>([...TOOLS.map(({ name }) => name), 'dry_run', 'awaiting_evaluation']);
    const pages = [
      ...['plugins/claude-code/skills/countersign/SKILL.md', 'plugins/claude-code/commands/review-pending.md'],
      ...['plugins/gemini/GEMINI.md', 'plugins/gemini/commands/countersign/review.toml'],
    ];
    for (const page of pages) {
      const named = text(page).match(/\b[a-z]+_(?:actions?|agent|run|evaluation|templates|contacts|brake)\b/g) ?? [];
      expect(named.length).toBeGreaterThan(2);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    }
    expect(text('plugins/claude-code/skills/countersign/SKILL.md')).toContain(text('plugins/gemini/GEMINI.md').trim());
  });

  it('is a link in the README for Cursor and for VS Code, which starts the published package', () => {
    const readme = text('README.md');
    const config = Buffer.from(JSON.stringify(START)).toString('base64');
    expect(readme).toContain(`https://cursor.com/en/install-mcp?name=countersign&config=${encodeURIComponent(config)}`);
    const code = encodeURIComponent(JSON.stringify({ type: 'stdio', ...START }));
    expect(readme).toContain(`https://vscode.dev/redirect/mcp/install?name=countersign&config=${code}`);
  });
});

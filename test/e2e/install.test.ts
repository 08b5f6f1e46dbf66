import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CLIENTS } from '../../src/install/clients.ts';
import { TOOLS } from '../../tools/index.ts';

const PROGRAM = new URL('../../dist/countersign.js', import.meta.url).pathname;

/** Somebody's home directory, and `countersign` run there. */
function aPerson() {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'install-')));
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  fs.mkdirSync(path.join(home, 'Downloads'));
  const run = (...args: string[]) => runWith({}, ...args);
  const runWith = (more: Record<string, string>, ...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = { PATH: process.env.PATH ?? '', HOME: home, ...more };
      execFile(process.execPath, [PROGRAM, ...args], { env, cwd: home }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  const write = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    fs.writeFileSync(path.join(home, name), text);
  };
  return { home, run, runWith, write, read: (name: string) => fs.readFileSync(path.join(home, name), 'utf8') };
}

describe('countersign install', () => {
  it('makes a client start a server that reads what the person downloads', async () => {
    const { home, run, read, write } = aPerson();
    const { code, out } = await run('install', 'claude-desktop', '--home', path.join(home, 'it'));
    expect(code).toBe(0);
    expect(out).toContain('make an agent');
    const { command, args, env } = JSON.parse(read('.config/Claude/claude_desktop_config.json')).mcpServers.countersign;
    expect([path.isAbsolute(command), path.isAbsolute(args[0])]).toEqual([true, true]);
    write('Downloads/people.csv', 'email,firstname\nada@northwind.example,Ada\n');
    const client = new Client({ name: 'desktop', version: '1' });
    await client.connect(new StdioClientTransport({ command, args, env: { ...env, PATH: '', HOME: home }, cwd: '/' }));
    onTestFinished(() => client.close());
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(TOOLS.map(({ name }) => name).sort());
    const file = path.join(home, 'Downloads/people.csv');
    const imported = await client.callTool({ name: 'import_contacts', arguments: { path: file } });
    expect(imported.structuredContent).toMatchObject({ created: 1 });
    expect(fs.existsSync(path.join(home, 'it/home.json'))).toBe(true);
  });

  it('says what the client asks from then on, and where a yes is given', async () => {
    const { run } = aPerson();
    const { out } = await run('install', 'opencode');
    expect(out).toContain('It asks before these three. It shows no forms: decide at the desk');
    expect((await run('install', 'vscode')).out).toContain('It shows you a form where something leaves');
  });

  it('shows what it would write, and writes nothing, with --dry-run', async () => {
    const { run, read, write, home } = aPerson();
    const text = '{\n  "mcpServers": {\n    "other": {\n      "env": {"KEY": "of-another"}\n    }\n  }\n}\n';
    write('.cursor/mcp.json', text);
    const { code, out } = await run('install', 'cursor', '--dry-run', '--allow-dir', path.join(home, 'Downloads'));
    expect(code).toBe(0);
    expect(out).toContain('+     "countersign": {');
    expect(out).toContain(`"COUNTERSIGN_ALLOW_DIRS": "${path.join(home, 'Downloads')}"`);
    expect(out).toContain('Nothing was written');
    expect(out).not.toContain('of-another');
    expect(read('.cursor/mcp.json')).toBe(text);
    expect(fs.readdirSync(path.join(home, '.cursor'))).toEqual(['mcp.json']);
  });

  it('keeps the file beside, and says where', async () => {
    const { run, read, write } = aPerson();
    write('.codex/config.toml', 'model = "m" # mine\n');
    const { out } = await run('install', 'codex');
    expect(out).toContain('backup: ');
    expect(read('.codex/config.toml.before-countersign')).toBe('model = "m" # mine\n');
    await run('uninstall', 'codex');
    expect(read('.codex/config.toml')).toBe('model = "m" # mine\n');
  });

  it('ends with 1 where a file is left alone, a client unknown, or an option wrong', async () => {
    const { run, write, read } = aPerson();
    write('.gemini/settings.json', '{"a": ');
    const damaged = await run('install', 'gemini');
    expect([damaged.code, damaged.err]).toEqual([1, expect.stringContaining('settings.json is left as it is')]);
    expect(read('.gemini/settings.json')).toBe('{"a": ');
    const unknown = await run('install', 'curser');
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('Did you mean "cursor"?')]);
    for (const args of [[], ['cursor', '--allow-dir', '/not/there'], ['cursor', '--name', '../x'], ['cursor', '--odd']])
      expect((await run('install', ...args)).code).toBe(1);
  });

  it('lists every client, with its file and its home', async () => {
    const { run, home, write } = aPerson();
    await run('install', 'qwen', '--name', 'countersign-work', '--home', path.join(home, 'work'));
    write('.copilot/mcp-config.json', '{"mcpServers": ');
    const { code, out } = await run('install', '--list');
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(CLIENTS.map(({ id }) => id));
    expect(out).toMatch(/qwen +installed: countersign-work, home .*work/);
    expect(out).toMatch(/copilot .*no JSON/);
    expect(out).toMatch(/cursor +not found here/);
  });
});

describe('countersign doctor', () => {
  it('says for each client that is here whether it is installed, which proof it gives, and whether it asks', async () => {
    const { run, home, write } = aPerson();
    await run('install', 'opencode', '--home', path.join(home, 'it'));
    fs.mkdirSync(path.join(home, '.cursor'));
    const { code, out } = await run('doctor', '--home', path.join(home, 'it'));
    expect(code).toBe(0);
    const lines = out.split('\n').filter((line) => line.startsWith('client '));
    expect(lines).toEqual([
      expect.stringMatching(/^client Cursor: not installed .*yes comes by a form \(elicited\)/),
      expect.stringMatching(
        /^client opencode: installed as "countersign", home .*no forms.*asks before these three · switch/,
      ),
    ]);
    expect(out).not.toContain('another one');
    const other = await run('doctor');
    expect(other.out).toContain('/it (another one)');
    const settings = JSON.parse(fs.readFileSync(path.join(home, '.config/opencode/opencode.jsonc'), 'utf8'));
    settings.permission.countersign_settle_action = 'allow';
    settings.mcp.countersign.command = ['/not/there/node', '/not/there/countersign.js'];
    write('.config/opencode/opencode.jsonc', JSON.stringify(settings));
    const worse = await run('doctor');
    expect(worse.out).toContain('asks NOTHING, as it comes');
    expect(worse.out).toContain("by /not/there/node, which isn't there");
    expect(worse.out).toMatch(/warning: opencode has rules of your own.*countersign_settle_action/);
    write('.cursor/mcp.json', '{');
    expect((await run('doctor')).out).toMatch(/warning: .*mcp\.json can't be understood/);
  });
});

describe('countersign install --service', () => {
  /** A person whose service manager writes down what it is asked. */
  function aUser() {
    const person = aPerson();
    const bin = path.join(person.home, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'systemctl'), '#!/bin/sh\necho "$@" >> "$HOME/asked"\n', { mode: 0o755 });
    const PATH = `${bin}:${process.env.PATH}`;
    return { ...person, run: (...args: string[]) => person.runWith({ PATH }, ...args) };
  }

  it.runIf(process.platform === 'linux')('has systemd serve a home, once, and takes that back', async () => {
    const { home, run, read } = aUser();
    const dry = await run('install', '--service', '--dry-run');
    expect([dry.code, fs.existsSync(path.join(home, '.config'))]).toEqual([0, false]);
    const made = await run('install', '--service', '--home', path.join(home, 'my data'), '--port', '7001');
    expect(made.code).toBe(0);
    const unit = read('.config/systemd/user/countersign.service');
    expect(unit).toContain(`"serve" "--port" "7001"`);
    expect(unit).toContain(`Environment="COUNTERSIGN_HOME=${home}/my data"`);
    expect(read('asked')).toBe(
      '--user daemon-reload\n--user enable countersign.service\n--user restart countersign.service\n',
    );
    await run('install', '--service', '--home', path.join(home, 'my data'), '--port', '7001');
    expect(read('.config/systemd/user/countersign.service')).toBe(unit);
    expect((await run('doctor')).out).toMatch(/^service: .*countersign\.service, not running/m);
    expect((await run('uninstall', '--service')).code).toBe(0);
    expect(read('asked')).toContain('--user disable --now countersign.service');
    expect(fs.existsSync(path.join(home, '.config'))).toBe(false);
    expect((await run('doctor')).out).toMatch(/^service: none/m);
  });

  it.runIf(process.platform === 'linux')(
    "leaves a unit of somebody else's alone, and says what to run where it can't",
    async () => {
      const { run, runWith, write, read, home } = aPerson();
      write('.config/systemd/user/countersign.service', '[Service]\nExecStart=/bin/true\n');
      const refused = await run('install', '--service');
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('did not make it')]);
      expect(read('.config/systemd/user/countersign.service')).toContain('/bin/true');
      const bare = path.join(home, 'bare');
      fs.mkdirSync(bare);
      const told = await runWith({ PATH: bare }, 'install', '--service', '--name', 'countersign-work');
      expect(told.out).toContain('  systemctl --user enable countersign-work.service');
      expect((await run('install', '--service', 'cursor')).code).toBe(1);
    },
  );
});

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aClientHome } from '../support/client-home.ts';

const DAMAGED: [what: string, client: string, text: string | Buffer, why: string][] = [
  ['cut short', 'cursor', '{"mcpServers": {', 'no JSON (line 1'],
  ['two commas', 'cursor', '{\n  "a": 1,,\n  "b": 2\n}', 'no JSON (line 2'],
  ['a list', 'cursor', '[]', 'no JSON object'],
  ['a word', 'cursor', 'hello', 'no JSON'],
  ['a list of servers', 'cursor', '{"mcpServers": []}', 'is no object'],
  ['no servers', 'cursor', '{"mcpServers": null}', 'is no object'],
  ['one key twice', 'cursor', '{"mcpServers": {}, "mcpServers": {"x": {}}}', '"mcpServers" twice'],
  ['other bytes', 'cursor', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'no text in UTF-8'],
  ['very deep', 'cursor', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'nested too deeply'],
  ['broken TOML', 'codex', 'a = 1\na = 2\n', 'no TOML (line 2)'],
  ['a server as a number', 'codex', 'mcp_servers = 3\n', 'is no object'],
  ['broken YAML', 'continue', 'mcpServers: [\nname: x\n', 'no YAML (line'],
  ['several documents', 'continue', 'a: 1\n---\nb: 2\n', 'several YAML documents'],
  ['servers that are a map', 'continue', 'mcpServers:\n  x: 1\n', 'is no list'],
  ['a list that stands elsewhere', 'continue', 'x: &l\n  - name: y\nmcpServers: *l\n', 'is no list'],
];

describe('a file that is left alone', () => {
  it.each(DAMAGED)('says why: %s (%s)', async (_what, client, text, why) => {
    const { files, write, install, uninstall, everything } = aClientHome(client);
    const [file = ''] = files();
    write(file, text);
    const before = everything();
    await expect(install()).rejects.toThrow(`${file} is left as it is: `);
    await expect(install()).rejects.toThrow(why);
    await uninstall().catch(() => undefined);
    expect(everything()).toEqual(before);
  });

  it('is a link, a second name, a folder, or read-only', async () => {
    for (const [why, make] of [
      ['is a link', (file: string, other: string) => fs.symlinkSync(other, file)],
      ['second name', (file: string, other: string) => fs.linkSync(other, file)],
      ['is no file', (file: string) => fs.mkdirSync(file)],
      ['read-only', (file: string, other: string) => fs.copyFileSync(other, file)],
    ] as const) {
      const { home, files, write, install, read } = aClientHome('vscode');
      const [file = ''] = files();
      const other = path.join(home, 'elsewhere.json');
      write(other, '{}', 0o444);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      make(file, other);
      if (why === 'read-only') fs.chmodSync(file, 0o444);
      await expect(install()).rejects.toThrow(why);
      expect(read(other)).toBe('{}');
    }
  });

  it.runIf(process.getuid?.() === 0)("belongs to somebody else, or lies in somebody else's folder", async () => {
    const { files, write, install, read } = aClientHome('claude-code');
    const [file = ''] = files();
    write(file, '{}');
    fs.chownSync(file, 12_345, 12_345);
    await expect(install()).rejects.toThrow('belongs to another user');
    expect(read(file)).toBe('{}');
    const cursor = aClientHome('cursor');
    const folder = path.join(cursor.home, '.cursor');
    fs.mkdirSync(folder);
    fs.chownSync(folder, 12_345, 12_345);
    await expect(cursor.install()).rejects.toThrow('belongs to another user');
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('keeps the other files of that client as they are, too', async () => {
    const { files, write, install, everything } = aClientHome('cline');
    const [servers = '', settings = ''] = files();
    write(servers, '{}');
    write(settings, '{"toolAutoApprove": ');
    const before = everything();
    await expect(install()).rejects.toThrow(settings);
    expect(everything()).toEqual(before);
  });

  it("isn't an entry of somebody else's by the same name", async () => {
    const { files, write, install, launch } = { ...aClientHome('cursor'), launch: 'github' };
    const [file = ''] = files();
    write(file, '{"mcpServers": {"github": {"command": "github-server"}}}');
    const { LAUNCH } = await import('../support/client-home.ts');
    await expect(install({ ...LAUNCH, name: launch })).rejects.toThrow('is another server. Choose another --name');
  });
});

describe("a person's own rules", () => {
  it('stay, whatever they say', async () => {
    const { files, write, install, uninstall, read } = aClientHome('opencode');
    const [file = ''] = files();
    const text = '{\n  "permission": {\n    "countersign_approve_action": "deny",\n    "bash": "ask"\n  }\n}\n';
    write(file, text);
    await install();
    expect(JSON.parse(read(file)).permission).toEqual({
      countersign_approve_action: 'deny',
      bash: 'ask',
      countersign_review_actions: 'ask',
      countersign_settle_action: 'ask',
    });
    await uninstall();
    expect(read(file)).toBe(text);
  });

  it('that is one word for everything goes on for everything else', async () => {
    const { files, write, install, read } = aClientHome('opencode');
    const [file = ''] = files();
    write(file, '{"permission": "allow"}');
    await install();
    expect(Object.entries(JSON.parse(read(file)).permission)).toEqual([
      ['*', 'allow'],
      ['countersign_approve_action', 'ask'],
      ['countersign_review_actions', 'ask'],
      ['countersign_settle_action', 'ask'],
    ]);
  });
});

import { parse as parseToml } from '@decimalturn/toml-patch';
import { parse as parseJsonc } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { CLIENTS } from '../../src/install/clients.ts';
import { aClientHome, LAUNCH } from '../support/client-home.ts';

const ALL = CLIENTS.map(({ id }) => id);

/** Settings as people and programs write them. Each line of them must stay. */
const JSON_TEXTS = [
  '{}',
  '{ }\n',
  '{\n}\n',
  '\n',
  '{"a":1,"b":[1,2]}',
  '{\n  "a": 1,\n}\n',
  '{\n\t"theme": "dark", // mine\n\t"list": [\n\t\t1, /* one */\n\t\t2\n\t] // last\n}\n',
  '// head\n{\n    "mcpServers": {\n        "other": { "command": "x", "args": [] } // tail\n        // the end\n    },\n    "z": 1\n}\n',
  '{\n  "servers": {},\n  "mcp": {},\n  "mcpServers": {}\n}',
  '{"permissions":{"ask":["Bash(rm *)"],"allow":[]},"permission":{"bash":"ask"}}\n',
  '{\n  "permission": "allow",\n  "permissions": {\n    "ask": [\n      "x"\n    ]\n  }\n}\n',
  '{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 2\r\n  }\r\n}\r\n',
  '\uFEFF{\n  "a": 1\n}\n',
  '{ "mcpServers": { "other": { "command": "x" } } }',
];
const TOML_TEXTS = [
  '',
  '# only a comment\n',
  'model = "m"  # mine\n\n[mcp_servers.other]\ncommand = "x"\nargs = [ "a","b" ]\n\n[profiles.x]\nmodel = "y"\n',
  'mcp_servers = { other = { command = "x" } }\n',
  'mcp_servers.other.command = "x"\n',
  '[mcp_servers]\n\n[mcp_servers.other]\ncommand="x"\n# tail',
  'a=1\r\n[b]\r\nwhen = 2026-01-02T03:04:05Z\r\n',
];
const YAML_TEXTS = [
  '',
  'name: Mine # my own\nversion: 1.0.0\nmodels:\n- name: a\n  model: b\n',
  'mcpServers:\n  # mine\n  - name: other\n    command: x # tail\n\nrules: []\nask: [Bash]\n',
  'mcpServers: []\nask: []\n# end\n',
  'mcpServers: # servers\nask:\n',
  'ask:\n- Bash\n- "Write(**/*.ts)"\nmcpServers:\n- {name: other, command: x}\nprompt: |\n  two\n  lines\n',
  'a: 1\r\nmcpServers:\r\n  - name: other\r\n    command: x\r\n',
];

const textsFor = (file: string) =>
  file.endsWith('.toml') ? TOML_TEXTS : file.endsWith('.yaml') ? YAML_TEXTS : JSON_TEXTS;
const readAs = (file: string, text: string): unknown =>
  file.endsWith('.toml')
    ? parseToml(text)
    : file.endsWith('.yaml')
      ? parseYaml(text)
      : parseJsonc(text.replace('\uFEFF', ''));

/** Clients whose files differ in kind are tried with every text, the others with one. */
const EVERY_TEXT = ['claude-code', 'codex', 'qwen', 'opencode', 'continue'];
const CASES = ALL.flatMap((id) =>
  JSON_TEXTS.map((_, index): [string, number] => [id, index]).filter(
    ([, index]) => index === 7 || EVERY_TEXT.includes(id),
  ),
);

describe('installing into a client', () => {
  it.each(CASES)('keeps every line of others, and is taken back to the byte: %s, file %i', async (id, index) => {
    const { files, write, install, uninstall, read, everything } = aClientHome(id);
    const texts = new Map(files().map((file) => [file, textsFor(file)[index % textsFor(file).length] ?? '']));
    for (const [file, text] of texts) write(file, text);
    const before = everything();
    await install();
    for (const [file, text] of texts) {
      const after = read(file);
      const words = text.split(/[\r\n]+/).flatMap((line) => line.match(/(?:\/\/|#|\/\*).*|"[^"]+"/g) ?? []);
      for (const word of words) expect(after).toContain(word.trim());
      expect(JSON.stringify(readAs(file, after))).toMatch(/countersign|approve_action|toolAutoApprove/);
      if (text.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    }
    const once = everything();
    expect(await install()).toEqual([]);
    expect(everything()).toEqual(once);
    await uninstall();
    expect(everything()).toEqual(before);
  });

  it.each(ALL)('leaves nothing behind where nothing was: %s', async (id) => {
    const { install, uninstall, everything, files } = aClientHome(id);
    expect((await install()).length).toBe(files().length);
    expect(Object.values(everything()).every((text) => text.startsWith('100600 '))).toBe(true);
    await uninstall();
    expect(everything()).toEqual({});
  });

  it.each(ALL)('keeps what the client wrote since, and takes its own out alone: %s', async (id) => {
    const { files, write, install, uninstall, read } = aClientHome(id);
    const [file = ''] = files();
    const own = textsFor(file)[2] ?? '';
    write(file, own);
    await install();
    const more = file.endsWith('.toml') ? '\n[later]\nadded = 1\n' : file.endsWith('.yaml') ? 'later: 1\n' : '';
    const since = more === '' ? read(file).replace('{', '{\n  "later": 1,') : read(file) + more;
    write(file, since);
    await uninstall();
    const wanted = more === '' ? own.replace('{', '{\n  "later": 1\n') : own + more;
    expect(readAs(file, read(file))).toEqual(readAs(file, wanted));
    expect(read(file)).not.toContain('countersign');
  });

  it('keeps what a person added to the entry, and changes what they chose anew', async () => {
    const { files, install, read, write } = aClientHome('cursor');
    await install();
    const [file = ''] = files();
    write(
      file,
      read(file).replace('"env": {', '"timeout": 5,\n      "env": {\n        "COUNTERSIGN_SMTP_URL": "smtp://x",'),
    );
    await install({ ...LAUNCH, node: '/new/node', env: { COUNTERSIGN_HOME: '/other' } });
    expect(JSON.parse(read(file)).mcpServers.countersign).toEqual({
      type: 'stdio',
      command: '/new/node',
      args: [LAUNCH.script],
      timeout: 5,
      env: {
        COUNTERSIGN_SMTP_URL: 'smtp://x',
        COUNTERSIGN_HOME: '/other',
        COUNTERSIGN_ALLOW_DIRS: '.:/data/Downloads',
      },
    });
  });

  it('has a second home beside the first, and takes each out by its name', async () => {
    const { files, install, uninstall, read } = aClientHome('claude-desktop');
    const work = { ...LAUNCH, name: 'countersign-work', env: { COUNTERSIGN_HOME: '/work' } };
    await install();
    await install(work);
    const [file = ''] = files();
    expect(Object.keys(JSON.parse(read(file)).mcpServers)).toEqual(['countersign', 'countersign-work']);
    await uninstall();
    expect(Object.keys(JSON.parse(read(file)).mcpServers)).toEqual(['countersign-work']);
    await uninstall(work);
    expect(JSON.parse(read(file)).mcpServers).toBeUndefined();
  });
});

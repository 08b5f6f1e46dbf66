import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/files/config-file.ts';
import { aHome } from './support/fixtures.ts';
import { writeConfig } from './support/tool-server.ts';

function configOf(contents: object | string) {
  const home = aHome();
  writeConfig(home, contents);
  return readConfig(home);
}

describe('config.json', () => {
  it('is empty where there is none', () => {
    const config = readConfig(aHome());
    expect([config.mcpServers.size, config.chatTools, config.allowHosts]).toEqual([0, [], []]);
  });

  it('reads what desktop clients write, leaving other keys alone', () => {
    const config = configOf({
      globalShortcut: 'Ctrl+Space',
      mcpServers: {
        crm: { command: 'npx', args: ['-y', 'crm'], env: { KEY: '${literal}' }, cwd: '/tmp', autoApprove: [] },
        desk: { url: 'https://desk.example/mcp', headers: { Authorization: 'Bearer ${T}' } },
        old: { type: 'sse', url: 'http://127.0.0.1:9/sse' },
      },
      chatTools: ['crm/find'],
      allowHosts: ['proxy.example:8443'],
    });
    expect(Object.fromEntries(config.mcpServers)).toEqual({
      crm: { command: 'npx', args: ['-y', 'crm'], env: { KEY: '${literal}' }, cwd: '/tmp' },
      desk: { url: 'https://desk.example/mcp', transport: 'http', headers: { Authorization: 'Bearer ${T}' } },
      old: { url: 'http://127.0.0.1:9/sse', transport: 'sse', headers: {} },
    });
    expect([config.chatTools, config.allowHosts]).toEqual([['crm/find'], ['proxy.example:8443']]);
  });

  it('takes a byte order mark for nothing', () => {
    expect(configOf('\uFEFF{"chatTools": ["a/b"]}').chatTools).toEqual(['a/b']);
  });

  it('keeps the other servers where one entry is wrong', () => {
    const { mcpServers } = configOf({
      mcpServers: {
        bad: { command: 'x', env: { PORT: 8080 } },
        login: { url: 'https://u:p@x.example' },
        good: { command: 'y' },
      },
    });
    expect(mcpServers.get('bad')).toEqual({ problem: expect.stringContaining('mcpServers.bad.env.PORT') });
    expect(mcpServers.get('login')).toEqual({ problem: expect.stringContaining('user name or password') });
    expect(mcpServers.get('good')).toMatchObject({ command: 'y' });
  });

  it.each([
    ['a trailing comma', '{\n"mcpServers": {\n"a": {"command": "s3cret", }}}', 'near line 3'],
    ['a comment', '// mine\n{}', 'near line 1'],
    ['an open end', '{"mcpServers": {', "isn't valid JSON"],
    ['a list', '[]', "isn't as it should be"],
    ['servers that are no object', '{"mcpServers": []}', 'mcpServers'],
  ])('names the file and the place of %s, and quotes nothing', (_, text, place) => {
    const home = aHome();
    writeConfig(home, text);
    const refused = () => readConfig(home);
    expect(refused).toThrow(path.join(home, 'config.json'));
    expect(refused).toThrow(place);
    expect(refused).not.toThrow('s3cret');
  });

  it('says so where it can’t be read', () => {
    const home = aHome();
    fs.mkdirSync(path.join(home, 'config.json'), { recursive: true });
    expect(() => readConfig(home)).toThrow("can't be read (not a file)");
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOwnService, type ServedHome, serviceFile } from '../../src/install/service.ts';

const ODD = `it's 100% "mine" & $HOME <x>\\y`;
const served = (more: Partial<ServedHome> = {}): ServedHome => ({
  ...{
    name: 'countersign',
    node: process.execPath,
    script: '/opt/a b/countersign.js',
    home: `/data/${ODD}`,
    port: '7001',
  },
  ...more,
});
const at = (platform: NodeJS.Platform) => ({ platform, home: '/home/sam', env: {} });

/** The elements of a text of XML, as nested names; fails where one isn't closed. */
function elementsOf(text: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  for (const [, closing, name = '', empty] of text.matchAll(/<(\/?)([A-Za-z]+)(?:\s[^>]*?)?(\/?)>/g)) {
    if (closing) expect(open.pop()).toBe(name);
    else {
      seen.push([...open, name].join('/'));
      if (!empty) open.push(name);
    }
  }
  expect(open).toEqual([]);
  return seen;
}

const unescaped = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

describe('a service', () => {
  it.runIf(spawnSync('systemd-analyze', ['--version']).status === 0)(
    'is a unit that systemd takes, whatever its paths hold',
    () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unit-'));
      onTestFinished(() => fs.rmSync(folder, { recursive: true }));
      const { content } = serviceFile(served(), at('linux'), 1000);
      const file = path.join(folder, 'countersign.service');
      fs.writeFileSync(file, content);
      const env = { ...process.env, XDG_RUNTIME_DIR: folder };
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', file], { encoding: 'utf8', env });
      expect(stderr).not.toContain('countersign.service:');
      expect(status).toBe(0);
    },
  );

  it('names no path with a line break, which would be a line of its own', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      expect(() => serviceFile(served({ home: '/data\nExecStartPre=/bin/sh' }), at(platform), 0)).toThrow('control');
  });

  it('is a launch agent of macOS: a property list with the program, word by word, and the home', () => {
    const { file, content, start, stop } = serviceFile(served(), at('darwin'), 501);
    expect(file).toBe('/home/sam/Library/LaunchAgents/countersign.serve.plist');
    const text = String(content);
    expect(elementsOf(text)).toContain('plist/dict/array/string');
    const strings = [...text.matchAll(/<string>([^<]*)<\/string>/g)].map(([, value = '']) => unescaped(value));
    expect(strings).toEqual([
      ...['countersign.serve', process.execPath, '/opt/a b/countersign.js', 'serve', '--port', '7001'],
      ...[`/data/${ODD}`, 'Background'],
    ]);
    expect([start, stop]).toEqual([
      [['launchctl', 'bootstrap', 'gui/501', file]],
      [['launchctl', 'bootout', 'gui/501/countersign.serve']],
    ]);
  });

  it('is a task of Windows, in UTF-16, whose elements stand in the order of its schema', () => {
    const { content, start } = serviceFile(served({ home: 'C:\\Users\\Sam Å\\data\\' }), at('win32'), 0);
    const bytes = Buffer.from(content);
    expect([bytes[0], bytes[1]]).toEqual([0xff, 0xfe]);
    const text = bytes.toString('utf16le');
    const inTask = elementsOf(text).filter((name) => name.split('/').length === 2);
    expect(inTask).toEqual(
      ['RegistrationInfo', 'Triggers', 'Principals', 'Settings', 'Actions'].map((name) => `Task/${name}`),
    );
    const [, command = '', words = ''] = /<Command>(.*)<\/Command>\s*<Arguments>(.*)<\/Arguments>/.exec(text) ?? [];
    expect(unescaped(command)).toBe(process.execPath);
    expect(unescaped(words)).toBe(
      '"/opt/a b/countersign.js" "serve" "--port" "7001" "--home" "C:\\Users\\Sam Å\\data\\\\"',
    );
    expect(start[0]).toContain('/XML');
    expect(isOwnService(bytes)).toBe(true);
  });
});

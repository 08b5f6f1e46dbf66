import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeChange } from '../../src/install/change.ts';
import { jsoncFormat } from '../../src/install/jsonc.ts';
import { tomlFormat } from '../../src/install/toml.ts';
import { yamlFormat } from '../../src/install/yaml.ts';
import { aClientHome, LAUNCH } from '../support/client-home.ts';

const MANY = 30_000;
const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('');

/** Texts over which an editor that goes back and forth in them never comes to an end. */
const ENDLESS: [what: string, client: string, text: string][] = [
  ['a line of slashes', 'cursor', `{\n  "a": 1 //${'/'.repeat(MANY)}\n}\n`],
  ['a line of comments', 'cursor', `{"a": 1 ${'/**/'.repeat(MANY)}}\n`],
  ['comments on many lines', 'cursor', `{\n  "a": 1\n${'//\n'.repeat(20_000)}}\n`],
  ['slashes behind a list', 'qwen', `{"permissions": {"ask": ["x" ${'/*//*/'.repeat(MANY)}]}}\n`],
  ['a line of spaces', 'cursor', `{"a": 1${' '.repeat(MANY)}}\n`],
  ['a comment in TOML', 'codex', `a = 1 ${'#/'.repeat(MANY)}\n`],
  ['a comment in YAML', 'continue', `a: 1 # ${'#/ '.repeat(MANY)}\n`],
];

describe('a file that would hold the installation up', () => {
  it.each(ENDLESS)('is changed and taken back all the same: %s', async (_what, client, text) => {
    const { files, write, install, uninstall, read } = aClientHome(client);
    const [file = ''] = files();
    write(file, text);
    await install();
    expect(read(file)).toContain(LAUNCH.script);
    const since = read(file).replace(/\b1\b/, '2');
    write(file, since);
    await uninstall();
    expect(read(file)).not.toContain('countersign');
    expect(read(file).length).toBeGreaterThanOrEqual(text.length - 2);
  });

  it('is understood where it has very many keys, and none of them twice', async () => {
    const { parse } = await jsoncFormat();
    const keys = lines(40_000, (n) => `"key ${n}":1,`);
    expect(Object.keys(parse(`{${keys}}`))).toHaveLength(40_000);
    expect(() => parse(`{${keys}"key 7":1}`)).toThrow('"key 7" twice');
    const yaml = await yamlFormat();
    expect(Object.keys(yaml.parse(lines(19_000, (n) => `key ${n}: 1\n`)))).toHaveLength(19_000);
    expect(() => yaml.parse('a: 1\nb: {c: 1, c: 2}\n')).toThrow('"c" twice');
  });

  it('is left alone where it is larger, deeper or more tangled than settings are', async () => {
    const [toml, yaml] = [await tomlFormat(), await yamlFormat()];
    const why = 'too large or too deep';
    expect(() => toml.parse(`${'a.'.repeat(20_000)}z = 1\n`)).toThrow(why);
    expect(() => toml.parse(lines(60_000, (n) => `k${n} = 1\n`))).toThrow(why);
    expect(() => toml.parse(`a = [${'1,'.repeat(60_000)}]\n`)).toThrow(why);
    expect(() => yaml.parse(lines(60_000, (n) => `k${n}: 1\n`))).toThrow(why);
    expect(() => yaml.parse(`a: ${'x'.repeat(2_000_000)}\n`)).toThrow(why);
    const tangle = `a: &a [x, x]\n${lines(9, (n) => `${'bcdefghij'[n]}: &${'bcdefghij'[n]} [${`*${'abcdefghi'[n]}, `.repeat(9)}]\n`)}`;
    expect(() => yaml.parse(tangle)).toThrow('aliases');
  });
});

describe('a backup', () => {
  it('is never written over, whatever became of the others', async () => {
    const { files, write, install, uninstall, read } = aClientHome('cursor');
    const [file = ''] = files();
    const backup = `${file}.before-countersign`;
    const texts = ['{"mine": 1}\n', '{"mine": 2}\n', '{"mine": 3}\n'];
    for (const text of texts) {
      write(file, text);
      await install();
      // The client writes to it, so the backup stays.
      write(file, read(file).replace('"mine"', '"yours"'));
      await uninstall();
      if (text === texts[1]) fs.rmSync(backup);
    }
    expect(read(`${backup}.2`)).toBe(texts[1]);
    expect(read(`${backup}.3`)).toBe(texts[2]);
  });

  it("isn't made over a file that somebody makes under its name meanwhile, and nothing else is then written", () => {
    const { home, write, read } = aClientHome('cursor');
    const [file, taken] = [path.join(home, 'mcp.json'), path.join(home, 'mcp.json.before-countersign')];
    write(file, '{}');
    write(taken, 'kept by another installation');
    const before = { bytes: Buffer.from('{}'), text: '{}', mark: '', mode: 0o644 };
    const change = { file, before, after: '{"new": 1}', backup: { file: taken, verb: 'make' as const } };
    expect(() => makeChange(change, home)).toThrow('left as it is');
    expect(read(taken)).toBe('kept by another installation');
    expect(read(file)).toBe('{}');
  });
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { CONTACTS_FILE, readAllowedFile } from '../../src/files/allowed-file.ts';

const TEXT = 'id,token\n1,very-secret-line\n';

/** A folder that may be read, with a home in it, and a folder beside it that may not. */
function aFolder() {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'allowed-file-')));
  onTestFinished(() => fs.rmSync(root, { recursive: true }));
  const folder = path.join(root, 'allowed');
  const home = path.join(folder, 'home');
  for (const each of [home, path.join(root, 'outside')]) fs.mkdirSync(each, { recursive: true });
  const file = (name: string, text = TEXT) => {
    const at = path.resolve(folder, name);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.writeFileSync(at, text);
    return at;
  };
  const link = (name: string, to: string) => fs.symlinkSync(path.resolve(folder, to), path.resolve(folder, name));
  const env = { COUNTERSIGN_ALLOW_DIRS: folder };
  const read = async (wanted: string, most = 1_000) =>
    (
      await readAllowedFile(wanted, { env, workingDirectory: folder, home }, { ...CONTACTS_FILE, maxBytes: most })
    ).toString();
  const refusal = async (wanted: string, most?: number) => {
    try {
      await read(wanted, most);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error(`${wanted} was read`);
  };
  return { folder, home, file, link, read, refusal };
}

describe('a file to import', () => {
  it('may lie where the server was started, where the folders name that as a dot, unless it is as wide as a home', async () => {
    const { folder, file, home } = aFolder();
    const wanted = file('a.csv');
    const env = { COUNTERSIGN_ALLOW_DIRS: ['.', path.join(folder, '..', 'outside')].join(path.delimiter) };
    expect(
      String(
        await readAllowedFile('a.csv', { env, workingDirectory: folder, home }, { ...CONTACTS_FILE, maxBytes: 1_000 }),
      ),
    ).toBe(TEXT);
    for (const workingDirectory of [os.homedir(), '/', undefined])
      await expect(
        readAllowedFile(wanted, { env, workingDirectory, home }, { ...CONTACTS_FILE, maxBytes: 1_000 }),
      ).rejects.toThrow('outside');
  });

  it.each(['a.csv', 'a.tsv', 'a.txt', 'a.json', 'a.jsonl', 'a.ndjson', 'A.CSV', 'b c/d.e/Leads 2026.Csv', 'über.csv'])(
    'is read where its kind holds contacts: %s',
    async (name) => {
      const { file, read } = aFolder();
      file(name);
      expect(await read(name)).toBe(TEXT);
    },
  );

  it.each(['a.env', 'a.pem', 'a.db', 'a.xlsx', 'a.csv.bak', 'a.log', 'a.ts', 'csv', 'acsv', 'a.csv~', 'id_rsa'])(
    'is refused where its kind holds none: %s',
    async (name) => {
      const { file, refusal } = aFolder();
      file(name);
      expect(await refusal(name)).toMatchObject({
        code: 'FORBIDDEN',
        message: expect.stringContaining('.csv, .tsv, .txt'),
      });
    },
  );

  it.each(['.csv', '.hidden.csv', '.ssh/keys.txt', 'a/.git/config.txt', 'a/.config/b/c.json'])(
    'is refused where a part of its path is hidden: %s',
    async (name) => {
      const { file, refusal } = aFolder();
      file(name);
      expect(await refusal(name)).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('hidden') });
    },
  );

  it('is what a link leads to: its kind, hidden parts and place count, and those of the link', async () => {
    const { file, link, read, refusal, home } = aFolder();
    file('data/real.csv');
    file('data/keys.pem');
    file('.secret/real.csv');
    file(path.join(home, 'export.csv'));
    link('good.csv', 'data/real.csv');
    link('keys.csv', 'data/keys.pem');
    link('open.csv', '.secret/real.csv');
    link('.hidden.csv', 'data/real.csv');
    link('ours.csv', path.join(home, 'export.csv'));
    link('linked', '.secret');
    link('named.pem', 'data/real.csv');
    expect(await read('good.csv')).toBe(TEXT);
    for (const name of ['keys.csv', 'open.csv', '.hidden.csv', 'ours.csv', 'linked/real.csv', 'named.pem'])
      expect(await refusal(name)).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('is refused below the home, and read beside it', async () => {
    const { file, link, read, refusal, home } = aFolder();
    for (const name of ['outbox/a.csv', 'log/000000000001.jsonl', 'home.json', 'a.txt'])
      expect(await refusal(file(path.join(home, name)))).toMatchObject({
        code: 'FORBIDDEN',
        message: expect.stringContaining('below the home'),
      });
    link('way', home);
    expect((await refusal('way/a.txt')).code).toBe('FORBIDDEN');
    expect(await read(file(`${home}-export.csv`))).toBe(TEXT);
  });

  it('is refused below the home under another name of it, as a disk has one that takes no notice of case', async () => {
    const { home, file, link, refusal } = aFolder();
    file(path.join(home, 'home.json'));
    link('HOME', home);
    // Such a disk has no link there: the name is the folder's own, and stays as it was written.
    const names = vi.spyOn(fs, 'realpathSync').mockImplementation((name) => String(name));
    onTestFinished(() => names.mockRestore());
    for (const wanted of ['HOME/home.json', 'HOME/log/../home.json'])
      expect(await refusal(wanted)).toMatchObject({ message: expect.stringContaining('below the home') });
  });

  it('is refused below a home that is reached by a link', async () => {
    const { folder, file, link, home } = aFolder();
    const target = file(path.join(home, 'a.csv'));
    link('where', home);
    const reading = {
      env: { COUNTERSIGN_ALLOW_DIRS: folder },
      workingDirectory: folder,
      home: path.join(folder, 'where'),
    };
    await expect(readAllowedFile(target, reading, { ...CONTACTS_FILE, maxBytes: 1_000 })).rejects.toThrow(
      /below the home/,
    );
  });

  it('is quoted by no error', async () => {
    const { file, refusal, folder } = aFolder();
    const names = ['a.env', '.hidden.csv', '../outside/a.csv'];
    for (const name of names) {
      file(name);
      const error = await refusal(name);
      expect(JSON.stringify([error.message, error.details])).not.toContain('very-secret-line');
    }
    file('long.csv');
    expect(await refusal('long.csv', 5)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect((await refusal(folder)).message).not.toContain('very-secret-line');
  });
});

describe('without COUNTERSIGN_ALLOW_DIRS', () => {
  it('files below the working directory are read, unless that is a root or the home directory', async () => {
    const { folder, file } = aFolder();
    const target = file('a.csv');
    const from = async (workingDirectory: string, env = {}) =>
      (
        await readAllowedFile(target, { env, workingDirectory, home: undefined }, { ...CONTACTS_FILE, maxBytes: 1_000 })
      ).toString();
    expect(await from(folder)).toBe(TEXT);
    expect(await from(folder, { COUNTERSIGN_ALLOW_DIRS: '' })).toBe(TEXT);
    for (const wide of ['/', os.homedir()])
      await expect(from(wide)).rejects.toThrow(/outside the folders that may be read \(none\)/);
  });
});

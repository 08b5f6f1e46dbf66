import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOutbox, outboxFileName } from '../../src/files/outbox.ts';
import { aHome } from '../support/fixtures.ts';

describe('the outbox', () => {
  it('holds private files in a private folder, and nothing half-written', async () => {
    const home = aHome();
    const file = await createOutbox(home).write('a.md', 'hello');
    expect(file).toBe(path.join(home, 'outbox', 'a.md'));
    expect(fs.readFileSync(file, 'utf8')).toBe('hello');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['a.md']);
  });

  it('keeps the bytes of a Buffer, and replaces the file of an earlier attempt', async () => {
    const home = aHome();
    await createOutbox(home).write('a.eml', 'first');
    const file = await createOutbox(home).write('a.eml', Buffer.from([0xff, 0x00, 0x0d]));
    expect([...fs.readFileSync(file)]).toEqual([0xff, 0x00, 0x0d]);
  });

  it('takes many writers of one file at once', async () => {
    const home = aHome();
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(1000));
    await Promise.all(texts.map((text) => createOutbox(home).write('a.md', text)));
    expect(fs.readdirSync(path.join(home, 'outbox'))).toEqual(['a.md']);
    expect(texts).toContain(fs.readFileSync(path.join(home, 'outbox', 'a.md'), 'utf8'));
  });

  it('does not follow a symbolic link in its place', async () => {
    const [home, elsewhere] = [aHome(), aHome()];
    fs.symlinkSync(elsewhere, path.join(home, 'outbox'));
    await expect(createOutbox(home).write('a.md', 'x')).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('symbolic link'),
    });
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });

  it('replaces a symbolic link at the file rather than writing through it', async () => {
    const home = aHome();
    const victim = path.join(home, 'victim');
    fs.writeFileSync(victim, 'mine');
    fs.mkdirSync(path.join(home, 'outbox'));
    fs.symlinkSync(victim, path.join(home, 'outbox', 'a.md'));
    await createOutbox(home).write('a.md', 'x');
    expect(fs.readFileSync(victim, 'utf8')).toBe('mine');
  });

  it('says what stands in its place', async () => {
    const home = aHome();
    fs.writeFileSync(path.join(home, 'outbox'), '');
    await expect(createOutbox(home).write('a.md', 'x')).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining(path.join(home, 'outbox')),
    });
  });

  it('names the path when the file system refuses', async () => {
    const home = path.join(aHome(), 'gone');
    await expect(createOutbox(home).write('a.md', 'x')).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining(path.join(home, 'outbox', 'a.md')),
    });
    const blocked = aHome();
    fs.mkdirSync(path.join(blocked, 'outbox', 'a.md'), { recursive: true });
    await expect(createOutbox(blocked).write('a.md', 'x')).rejects.toMatchObject({ code: 'STORE_ERROR' });
    expect(fs.readdirSync(path.join(blocked, 'outbox'))).toEqual(['a.md']);
  });

  it.each(['../a.md', 'a/b.md', '', '.', '..', '.hidden', 'a\0.md', 'a\\b.md'])('refuses the name %j', async (name) => {
    const home = aHome();
    await expect(createOutbox(home).write(name, 'x')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(fs.readdirSync(home)).toEqual([]);
  });
});

describe('the name of an action’s file', () => {
  const ref = { run_id: 'run_0abc', contact_id: 'ct_1', action_index: 3 };

  it('is the same for the same action and differs for any other', () => {
    const names = [ref, { ...ref, action_index: 4 }, { ...ref, contact_id: 'ct_2' }, { ...ref, run_id: 'run_1' }].map(
      (one) => outboxFileName(one, 'eml'),
    );
    expect(outboxFileName(ref, 'eml')).toBe(names[0]);
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toMatch(/^run_0abc-[0-9a-f]{32}-3\.eml$/);
  });

  it.each(['../../etc/passwd', 'a/b', '.', 'x'.repeat(10_000), 'ct\0', 'ÄÖ', ''])(
    'is harmless for an id such as %j',
    (id) => {
      expect(outboxFileName({ ...ref, contact_id: id, run_id: id }, 'md')).toMatch(/^[0-9a-f]{32}-[0-9a-f]{32}-3\.md$/);
    },
  );
});

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, startServer } from '../support/server.ts';

const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-outside-'));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-allowed-'));
const below = (name: string) => path.join(folder, name);

let server: Connection;
beforeAll(async () => {
  fs.writeFileSync(path.join(outside, 'secret.csv'), 'id,key\nstolen,k\n');
  fs.writeFileSync(below('good.csv'), 'id\ngood\n');
  fs.symlinkSync(below('good.csv'), below('inner.csv'));
  fs.symlinkSync(path.join(outside, 'secret.csv'), below('link.csv'));
  fs.symlinkSync(outside, below('linked'));
  fs.symlinkSync(below('loop'), below('loop'));
  execFileSync('mkfifo', [below('pipe.csv')]);
  server = await startServer({ env: { COUNTERSIGN_ALLOW_DIRS: folder } });
});
afterAll(async () => {
  await server.close();
  for (const each of [outside, folder]) fs.rmSync(each, { recursive: true });
});

describe('a path to import from', () => {
  it.each([
    ['a link that leads out', 'link.csv', 'FORBIDDEN'],
    ['a folder that is a link', 'linked/secret.csv', 'FORBIDDEN'],
    ['dots', `../${path.basename(outside)}/secret.csv`, 'FORBIDDEN'],
    ['a folder whose name only begins the same', `../${path.basename(folder)}x/secret.csv`, 'FORBIDDEN'],
    ['the process itself', '/proc/self/environ', 'FORBIDDEN'],
    ['a device', '/dev/zero', 'FORBIDDEN'],
    ['a file URL', 'file:///etc/passwd', 'FORBIDDEN'],
    ['a pipe, which nobody writes to', 'pipe.csv', 'VALIDATION_ERROR'],
    ['a folder', '.', 'VALIDATION_ERROR'],
    ['NUL', 'good.csv\0.txt', 'VALIDATION_ERROR'],
    ['a link to itself', 'loop', 'NOT_FOUND'],
    ['nothing', 'none.csv', 'NOT_FOUND'],
  ])('is refused: %s', async (_, name, code) => {
    const file = /^(\/|file:)/.test(name) ? name : `${folder}/${name}`;
    const error = await server.refusal('import_contacts', { path: file });
    expect(error).toMatchObject({ code, details: { path: expect.any(String) } });
    expect((await server.call('list_contacts', { query: 'stolen' })).total).toBe(0);
  });

  it('is read below an allowed folder, a link within it too', async () => {
    for (const name of ['good.csv', 'inner.csv'])
      expect(await server.call('import_contacts', { path: below(name) })).toMatchObject({ error_count: 0 });
    expect((await server.call('list_contacts')).contacts).toMatchObject([{ id: 'good' }]);
  });
});

describe('a file in windows-1252', () => {
  it('comes in as CSV with a warning, and as nothing else', async () => {
    fs.writeFileSync(below('ansi.csv'), Buffer.from('id;firstname\nansi;Zo\xeb\n', 'latin1'));
    fs.writeFileSync(below('ansi.json'), Buffer.from('[{"id":"ansi2","firstname":"Zo\xeb"}]', 'latin1'));
    const { created, warnings } = await server.call('import_contacts', { path: below('ansi.csv') });
    expect([created, warnings]).toEqual([1, [expect.stringContaining('read as windows-1252')]]);
    const { contact } = await server.call('get_contact', { contact_id: 'ansi' });
    expect(contact.firstname).toBe('Zoë');
    const refusal = await server.refusal('import_contacts', { path: below('ansi.json') });
    expect(refusal).toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining("aren't UTF-8") });
  });
});

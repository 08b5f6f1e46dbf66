import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { aHome } from '../../support/fixtures.ts';
import { inProcess } from '../../support/in-process.ts';

// A worker keeps its modules from file to file, and this file's are mocked.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

vi.mock('../../../src/domain/import/formats.ts', async (load) => {
  const { IMPORT_FORMATS } = await load<typeof import('../../../src/domain/import/formats.ts')>();
  const { cards } = await import('../../support/toys.ts');
  return { IMPORT_FORMATS: [...IMPORT_FORMATS, cards] };
});

const CARDS = 'CARD ann ann@example.com\nCARD bob nowhere\n';

describe('an import format in the list', () => {
  it('is a choice of format, and named in the description', () => {
    const { description, inputSchema } = inProcess().listed('import_contacts');
    expect(inputSchema.properties.format.enum).toEqual(['csv', 'json', 'jsonl', 'segment', 'cards']);
    expect(description).toContain('CSV, JSON, JSON lines, Segment calls, business cards.');
  });

  it.each(['people.txt', 'people.csv'])(
    'is found in a file by its content, whatever its name says: %s',
    async (name) => {
      const folder = aHome();
      fs.writeFileSync(path.join(folder, name), `\uFEFF${CARDS}`);
      const on = inProcess({ env: { COUNTERSIGN_ALLOW_DIRS: folder } });
      const report = await on.call('import_contacts', { path: path.join(folder, name) });
      expect(report).toMatchObject({ created: 1, error_count: 1, errors: [{ row: 2 }] });
      expect((await on.call('get_contact', { contact_id: 'ann' })).contact.email).toBe('ann@example.com');
    },
  );

  it('is read where the caller names it', async () => {
    const on = inProcess();
    expect(await on.call('import_contacts', { csv: CARDS, format: 'cards' })).toMatchObject({ created: 1 });
    expect(await on.call('import_contacts', { csv: 'id\nc1\n' })).toMatchObject({ created: 1 });
  });
});

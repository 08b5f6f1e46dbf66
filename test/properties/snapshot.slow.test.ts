import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSnapshot, writeSnapshot } from '../../src/store/json/snapshots/snapshot.ts';
import { freshFolder } from '../support/folders.ts';
import { cases, outlasting, PATIENCE } from '../support/property.ts';

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', '"', '\\', '],\n[', '["a",1],', '1', 'ü', '\u2028', '\ud800', 'x'.repeat(300)),
);
const item = fc.oneof(
  text,
  fc.nat(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue(),
);
/** Rows as documents have them: pairs of a text and anything, longer rows, and records. */
const row = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(text, fc.oneof(text, fc.maxSafeNat(), fc.array(text, { maxLength: 3 }))) },
  fc.tuple(text, item),
  fc.array(item, { maxLength: 4 }),
  fc.dictionary(text, item, { maxKeys: 3 }),
);
const rows = fc.oneof(fc.array(row, { maxLength: 8 }), fc.array(fc.tuple(text, fc.nat()), { maxLength: 8 }));
const data = fc.oneof(rows, fc.record({ born: rows, aliases: rows, size: fc.nat() }));

describe('a snapshot', () => {
  it('is read as it was written, whatever its rows are', { timeout: PATIENCE }, async () => {
    const folder = freshFolder('snapshot');
    const file = path.join(folder, 'some.json');
    const { run, done } = outlasting(async (written: object) => {
      await writeSnapshot(file, folder, { n: 7, data: written });
      // What JSON makes of it: -0 is 0 there.
      expect(readSnapshot(file)?.data).toEqual(JSON.parse(JSON.stringify(written)));
    });
    await fc.assert(fc.asyncProperty(data, run), cases(4_000));
    await done();
    fs.rmSync(folder, { recursive: true, force: true });
  });
});

import { expect, it } from 'vitest';
import { outgrown } from '../../src/commands/outgrown.ts';

const GB = 2 ** 30;

it('says of a home that is small enough nothing', () => {
  expect(outgrown({ bytes: GB, listMs: 5_000 })).toBeUndefined();
});

it.each([
  ['a log above 1 GB', { bytes: 1.5 * GB, listMs: 10 }, ['1.5 GB'], ['took']],
  ['a first list above 5 s', { bytes: 10, listMs: 7_400 }, ['took 7 s'], ['GB,']],
  ['both', { bytes: 2 * GB, listMs: 6_000 }, ['2.0 GB', 'took 6 s'], []],
])('says of %s what it is, and what to do', (_what, size, told, untold) => {
  const warning = outgrown(size) ?? '';
  for (const words of [...told, 'COUNTERSIGN_HOME', 'Delete contacts']) expect(warning).toContain(words);
  for (const words of untold) expect(warning).not.toContain(words);
});

import { expect, it } from 'vitest';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { inProcess } from '../support/in-process.ts';

const KEPT_IN_MIND = 100_000;

it('a dry run of more than it keeps in mind says where it may count twice', async () => {
  const { house } = inProcess();
  const rows = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
  const dry = (ids: readonly string[]) =>
    importContacts(house, 'somebody', { csv: `id\n${ids.join('\n')}\n`, dry_run: true });
  const within = await dry([...rows(KEPT_IN_MIND), 'c99999']);
  expect(within).toMatchObject({ created: KEPT_IN_MIND, unchanged: 1, warnings: [] });
  const beyond = await dry([...rows(KEPT_IN_MIND + 2_500), 'c0', `c${KEPT_IN_MIND}`]);
  expect(beyond).toMatchObject({ created: KEPT_IN_MIND + 2_501, unchanged: 1 });
  expect(beyond.warnings).toEqual([expect.stringMatching(/kept 100,000 .* in mind.*more than once/)]);
});

import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';

const PAGE = fs.readFileSync(new URL('../../docs/transfer.md', import.meta.url), 'utf8');
/** The JSON on the page, in its order: a call of each tool, each followed by its result. */
const [imported, told, exported, given] = [...PAGE.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) =>
  JSON.parse(text),
);

describe('the page about moving an agent', () => {
  it('shows calls that work, and what they give', async () => {
    const { call } = inProcess();
    expect(await call('import_agent', imported)).toMatchObject(told);
    expect(await call('export_agent', exported)).toEqual(given);
  });
});

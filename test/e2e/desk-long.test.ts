import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { readPageFile } from '../../src/files/page-file.ts';
import { closeBrowserAfterwards, letUndoPass, openPage } from '../support/desk/browser.ts';
import { type DeskScene, deskScene, type ShownRow } from '../support/desk-scene.ts';

closeBrowserAfterwards();

const LINE = 'A line of its own, so that the list has no room for all of them.\n';
const LONG = `Hi {{ contact.firstname }},\n\n${LINE.repeat(300)}and here it ends`;
const EMAIL = { type: 'email_message', params: { subject: 'All of it', message: LONG } };

/** The built page before a desk in this process, whose clock the test sets, with emails that are longer than the list shows. */
async function longDesk(contactIds: readonly string[]) {
  const on = await deskScene({}, {}, readPageFile());
  await on.call('save_identity', { name: 'Sam Rivera', email: 'sam@acme.example' });
  const { identities } = await on.call('list_identities', {});
  await on.propose(contactIds, [EMAIL], { identity_id: identities[0].id });
  const opened = await openPage(`${on.url}/#ticket=${on.tickets.issue({ kind: 'desk' })}`);
  return { on, ...opened };
}

/** Lets so many minutes pass, at the server and in the page, which loads the queue again meanwhile. */
async function pass(on: DeskScene, page: Page, minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 4) {
    on.clock.ahead += 4 * 60_000;
    const again = page.waitForResponse((answer) => answer.url().includes('/desk/queue'));
    await page.clock.runFor(4 * 60_000 + 1_000);
    await (await again).finished();
  }
}

const ends = (page: Page) => page.locator('.paper').getByText('and here it ends');

async function waiting(on: DeskScene): Promise<ShownRow[]> {
  return on.rows(await on.open());
}

describe('a text that is longer than the list shows', () => {
  it('can be approved however long it is open', async () => {
    const { on, page, errors } = await longDesk(['ann']);
    await ends(page).waitFor();
    const [row] = await waiting(on);
    if (!row) throw new Error('nothing waits');
    expect(row).toHaveProperty('hidden');
    await pass(on, page, 24);
    await page.getByRole('button', { name: 'Approve' }).click();
    await letUndoPass({ page });
    await page.getByRole('status').filter({ hasText: 'Decided.' }).waitFor();
    expect((await on.action(row)).decided_via).toBe('human');
    expect(errors).toEqual([]);
  });

  it('stays whole where another row is decided meanwhile, and so it is edited', async () => {
    const { on, page, errors } = await longDesk(['ann', 'ben']);
    await ends(page).waitFor();
    const [, ben] = await waiting(on);
    if (!ben) throw new Error('two should wait');
    const { run_id, contact_id, action_index } = ben;
    await on.call('reject_action', { run_id, contact_id, action_index });
    await page
      .getByText(/rejected by/)
      .first()
      .waitFor();
    await page.keyboard.press('e');
    expect(await page.getByLabel('Message').inputValue()).toMatch(/and here it ends$/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('stays whole in a selection, and each of it is approved', async () => {
    const { on, page, errors } = await longDesk(['ann', 'ben', 'cid']);
    const rows = await waiting(on);
    for (const name of ['ann', 'ben']) await page.getByLabel(`Select ${name}`).check();
    await page.keyboard.press('a');
    await page.locator('.alike .end').first().scrollIntoViewIfNeeded();
    await pass(on, page, 12);
    await page.locator('.alike .end').first().scrollIntoViewIfNeeded();
    expect(await page.locator('.alike .paper').textContent()).toContain('and here it ends');
    await page.getByRole('button', { name: 'Approve 2 emails to 2 people' }).click();
    await letUndoPass({ page });
    await page.getByRole('status').filter({ hasText: 'Approved: 2 emails. Decided.' }).waitFor();
    const decided = await Promise.all(rows.map(async (row) => (await on.action(row)).decided_via));
    expect(decided.filter((via) => via === 'human')).toHaveLength(2);
    expect(errors).toEqual([]);
  });
});

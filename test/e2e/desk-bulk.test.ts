import { describe, expect, it } from 'vitest';
import { closeBrowserAfterwards, letUndoPass, namesIn, openFake, toldTo } from '../support/desk/browser.ts';
import { emailTo, SCRIPT } from '../support/desk/rows.ts';

closeBrowserAfterwards();

const emails = (count: number) => Array.from({ length: count }, (_, at) => emailTo(at));
const longMessage = `Hi,\n\n${'A line of its own, so that the end is far below.\n'.repeat(120)}`;

describe('deciding on several at the desk', () => {
  it('says exactly how many go to how many, and lists them', async () => {
    const opened = await openFake({
      rows: [...emails(3), emailTo(0, { contact_id: 'ct_again', digest: 'digest-again' })],
      changes: [],
    });
    const { page } = opened;
    await page.getByRole('button', { name: 'Select 4' }).click();
    await page.getByRole('button', { name: 'Approve 4 emails to 3 people' }).waitFor();
    expect(await page.locator('.bulk-bar p').first().textContent()).toBe('Ada Okafor, Ada Okafor, Bruno Sá, Chen Wei');
  });

  it('shows look-alikes as one text, with what differs marked, and who gets which words', async () => {
    const { page } = await openFake({ rows: emails(3), changes: [] });
    await page.getByRole('button', { name: 'Select 3' }).click();
    await page.keyboard.press('a');
    await page.getByText('3 alike: what differs is marked').waitFor();
    expect(await page.locator('.alike .paper').count()).toBe(1);
    expect(await page.locator('.alike ins').allTextContents()).toEqual(['Northwind', 'Ada,', 'Northwind']);
    expect(await page.locator('tbody tr').nth(1).textContent()).toContain('Contoso … Bruno, … Contoso');
  });

  it('has every column of that on a narrow screen too', async () => {
    const { page } = await openFake({ rows: emails(4), changes: [] }, { viewport: { width: 900, height: 760 } });
    await page.getByRole('button', { name: 'Select 4' }).click();
    await page.keyboard.press('a');
    await page.getByText('4 alike: what differs is marked').waitFor();
    const [table, text] = await Promise.all(
      ['.alike table', '.alike .paper'].map((one) => page.locator(one).first().boundingBox()),
    );
    expect(table?.width).toBeLessThanOrEqual(Number(text?.width));
  });

  it('approves exactly the selected rows, each seen once, in one decision', async () => {
    const other = emailTo(4, { params: { subject: 'Another thing', message: longMessage }, digest: 'digest-other' });
    const opened = await openFake({ rows: [...emails(2), other, emailTo(5)], changes: [] });
    const { page } = opened;
    for (const name of ['Ada Okafor', 'Bruno Sá', 'Emil Nowak']) await page.getByLabel(`Select ${name}`).check();
    await page.keyboard.press('a');
    const approve = page.getByRole('button', { name: 'Approve 3 emails to 3 people' });
    await page.getByText('is not seen yet').waitFor();
    expect(await approve.isDisabled()).toBe(true);
    await page.keyboard.press('a');
    await letUndoPass(opened);
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
    await page.locator('.alike .end').last().scrollIntoViewIfNeeded();
    await expect.poll(() => approve.isDisabled()).toBe(false);
    await approve.click();
    await page.getByRole('status').filter({ hasText: 'Approved: 3 emails' }).waitFor();
    expect(await namesIn(opened)).toEqual(['Farah Haddad']);
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(toldTo(opened, '/desk/decide')[0]).toMatchObject({
      decision: 'approve',
      rows: [{ contact_id: 'ct_0' }, { contact_id: 'ct_1' }, { contact_id: 'ct_4', digest: 'digest-other' }],
    });
  });

  it('loads a text that the list shows in part before it can be approved', async () => {
    const whole = emailTo(1, { params: { subject: 'Long', message: `${longMessage}and here it ends` } });
    const cut = { ...whole, params: { subject: 'Long', message: 'Hi…' }, hidden: 6_000 };
    const opened = await openFake({
      rows: [emailTo(0), cut],
      changes: [],
      stories: new Map([['ct_1', { row: whole }]]),
    });
    const { page } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await page.keyboard.press('j');
    await page.getByText('and here it ends').waitFor();
    await page.keyboard.press('a');
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toMatchObject([{ rows: [{ nonce: 'nonce-1' }] }]);
  });

  it('draws what strangers wrote as text, in every field', async () => {
    const hostile = (at: number) =>
      emailTo(at, {
        params: { subject: SCRIPT, message: SCRIPT },
        agent_name: SCRIPT,
        reasoning: SCRIPT,
        to: `${SCRIPT} <x@evil.example>`,
      });
    const opened = await openFake({ rows: [hostile(0), hostile(1)], changes: [] });
    const { page } = opened;
    await page.getByRole('button', { name: 'Select 2' }).click();
    await page.keyboard.press('a');
    await page.locator('.alike').first().waitFor();
    expect(await page.locator('#desk img, #desk script').count()).toBe(0);
    expect(await page.title()).toBe('(2) Countersign');
    expect(opened.errors).toEqual([]);
  });
});

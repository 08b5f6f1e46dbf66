import { describe, expect, it } from 'vitest';
import { closeBrowserAfterwards, letUndoPass, namesIn, openFake, toldTo } from '../support/desk/browser.ts';
import { emailTo, manyRows, NOW } from '../support/desk/rows.ts';

closeBrowserAfterwards();

const said = (text: string | RegExp) => ({ text });
const emails = (count: number) => Array.from({ length: count }, (_, at) => emailTo(at));

describe('the queue of the desk', () => {
  it('opens by a ticket that is posted once and gone from the address', async () => {
    const opened = await openFake();
    await opened.page.locator('.row').first().waitFor();
    expect(opened.page.url()).not.toContain('ticket');
    expect(toldTo(opened, '/desk/ticket')).toEqual([{ ticket: 'ticket-1' }]);
    await opened.page.reload();
    await opened.page.locator('.row').first().waitFor();
    expect(toldTo(opened, '/desk/ticket')).toHaveLength(1);
    expect(opened.errors).toEqual([]);
  });

  it('without a key, says which command opens it', async () => {
    const { page } = await openFake({ tickets: new Set() });
    await page.getByRole('alert').filter({ hasText: 'countersign open' }).waitFor();
    expect(await page.locator('.row').count()).toBe(0);
  });

  it('draws 200 rows, and says how many wait, in the title too', async () => {
    const { page } = await openFake({ rows: manyRows(200), changes: [] });
    await page.locator('.row').nth(199).waitFor();
    expect(await page.locator('.standing').textContent()).toContain('200 wait');
    expect(await page.title()).toBe('(200) Countersign');
  });

  it('puts unknown outcomes first, then agents and kinds, then changes', async () => {
    const { page } = await openFake();
    await page.locator('.row').first().waitFor();
    expect(await page.locator('.section-head h2').allTextContents()).toEqual([
      '⚠ Outcome not known',
      'Pricing follow-up',
      ...Array.from({ length: 4 }, () => 'Trial ending'),
      'Changes that wait',
    ]);
  });

  it('shows recipient, sender and the whole text of what is open, and why', async () => {
    const { page } = await openFake({ rows: emails(1), changes: [] });
    await page.getByRole('heading', { name: 'Ada Okafor <ada@northwind.example>' }).waitFor();
    const detail = await page.locator('.detail').textContent();
    for (const part of ['Sam Rivera <sam@acme.example>', 'fifteen minutes on the phone', '2 visits to /pricing'])
      expect(detail).toContain(part);
    await page.getByText('We spoke yesterday').waitFor();
    await page.getByText('Invited teammate').waitFor();
  });

  it('goes through rows by keys, and approves by one: the next is there, and the rest stays', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    const { page } = opened;
    await page.getByRole('heading', { name: /Ada Okafor/ }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: /Bruno/ }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: /Chen Wei/ }).waitFor();
    expect(await namesIn(opened)).toEqual(['Ada Okafor', 'Chen Wei']);
    await page.getByRole('status').filter({ hasText: 'Approved: email to Bruno' }).waitFor();
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(toldTo(opened, '/desk/decide')[0]).toMatchObject({
      decision: 'approve',
      rows: [{ contact_id: 'ct_1', digest: 'digest-1' }],
    });
  });

  it('keeps the focus where one goes on: on the next row after a decision by a button', async () => {
    const { page } = await openFake({ rows: emails(2), changes: [] });
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await page.getByRole('button', { name: 'Approve' }).press('Enter');
    await page.getByRole('heading', { name: /Bruno/ }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toContain('Bruno');
  });

  it('opens at the row or change that a link or a ticket names', async () => {
    const opened = await openFake({ rows: emails(3) });
    const { page, desk } = opened;
    await page.locator('.row').first().waitFor();
    await page.goto(`${desk.url}/#row=run_01/ct_2/0`);
    await page.getByRole('heading', { name: /Chen Wei/ }).waitFor();
    await page.goto(`${desk.url}/#change=ch_1`);
    await page.getByRole('heading', { name: 'Auto-note may write notes unasked' }).waitFor();
    await page.goto('about:blank');
    desk.state.tickets.add('ticket-2');
    await page.goto(`${desk.url}/#ticket=ticket-2&row=run_01/ct_1/0`);
    await page.getByRole('heading', { name: /Bruno/ }).waitFor();
    expect(page.url()).toBe(`${desk.url}/#row=run_01/ct_1/0`);
  });

  it('takes a decision back by z, and leaving the page decides nothing', async () => {
    const opened = await openFake({ rows: emails(2), changes: [] });
    const { page } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.keyboard.press('z');
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await letUndoPass(opened);
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.goto('about:blank');
    await page.goto(opened.desk.url);
    await page.locator('.row').nth(1).waitFor();
    await letUndoPass(opened);
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
    expect(await namesIn(opened)).toEqual(['Ada Okafor', 'Bruno Sá']);
  });

  it('says what was taken back, with what can be taken back still beside it', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    const { page } = opened;
    for (const [name, key] of [
      ['Ada', 'a'],
      ['Bruno', 'a'],
      ['Chen', 'z'],
    ] as const) {
      await page.getByRole('heading', { name: new RegExp(name) }).waitFor();
      await page.keyboard.press(key);
    }
    await page.getByRole('heading', { name: /Bruno/ }).waitFor();
    expect(await page.locator('.toast').allTextContents()).toEqual([
      expect.stringContaining('Undone: email to Bruno Sá. Nothing was decided.'),
      expect.stringMatching(/^Approved: email to Ada Okafor, counts in \d s/),
    ]);
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toMatchObject([{ rows: [{ contact_id: 'ct_0' }] }]);
  });

  it('says what was decided in nobody’s way: it covers neither the selection nor the decisions', async () => {
    for (const width of [320, 1280]) {
      const { page } = await openFake({ rows: emails(6), changes: [] }, { viewport: { width, height: 640 } });
      await page.getByRole('button', { name: 'Select 6' }).click();
      await page.getByLabel('Select Ada Okafor').uncheck();
      await page.locator('.row').first().click();
      await page.locator('.detail').getByRole('button', { name: 'Reject' }).click();
      await page.getByLabel(/Why not/).press('Enter');
      await page.getByRole('button', { name: 'Undo' }).waitFor();
      const toast = await page.locator('.toast').boundingBox();
      for (const other of await page.locator('.decisions, .bulk-bar').all()) {
        const box = await other.boundingBox();
        if (!box || !toast) continue;
        const isBeside = toast.x >= box.x + box.width || box.x >= toast.x + toast.width;
        expect(isBeside || toast.y + toast.height <= box.y).toBe(true);
      }
    }
  });

  it('a second click right after the first decides on nothing more', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    await opened.page.getByRole('heading', { name: /Ada/ }).waitFor();
    await opened.page.getByRole('button', { name: 'Approve' }).dblclick();
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(await namesIn(opened)).toEqual(['Bruno Sá', 'Chen Wei']);
  });

  it('what somebody types while it opens by itself decides nothing, and keys count after a pause', async () => {
    const opened = await openFake({ rows: emails(2), changes: [] }, { isTyping: true });
    const { page } = opened;
    await page.clock.pauseAt(NOW + 60_000);
    await page.reload();
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    for (const key of 'and a lax word as that ') {
      await page.keyboard.press(key);
      await page.clock.runFor(600);
    }
    await letUndoPass(opened);
    expect(await namesIn(opened)).toEqual(['Ada Okafor', 'Bruno Sá']);
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
    await page.keyboard.press('a');
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
  });

  it('a key that is held decides once', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    const { page } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await page.keyboard.down('a');
    await page.keyboard.down('a');
    await page.keyboard.up('a');
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(await namesIn(opened)).toEqual(['Bruno Sá', 'Chen Wei']);
  });

  it('rejects with a reason, and sends back with what should be otherwise', async () => {
    const opened = await openFake({ rows: emails(2), changes: [] });
    const { page } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await page.keyboard.press('r');
    await page.getByLabel(/Why not/).fill('too pushy');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Bruno/ }).waitFor();
    await page.keyboard.press('v');
    await page.getByLabel(/How should it be/).fill('shorter');
    await page.keyboard.press('Enter');
    await letUndoPass(opened);
    await expect
      .poll(() => toldTo(opened, '/desk/revise'))
      .toMatchObject([{ feedback: 'shorter', ref: { contact_id: 'ct_1' } }]);
    expect(toldTo(opened, '/desk/decide')).toMatchObject([{ decision: 'reject', reason: 'too pushy' }]);
  });

  it('edits in place with the difference in words; Escape asks before it throws away', async () => {
    const opened = await openFake({ rows: emails(1), changes: [] });
    const { page } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Subject').fill('The cost for Northwind');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Drop what you wrote?' }).waitFor();
    await page.getByRole('button', { name: 'Go on editing' }).click();
    expect(await page.locator('.difference del').allTextContents()).toEqual(['Working out the']);
    await page.getByLabel('Subject').press('Control+Enter');
    await page.getByRole('heading', { name: 'Edited' }).waitFor();
    await page.keyboard.press('a');
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(toldTo(opened, '/desk/decide')[0]).toMatchObject({
      rows: [{ digest: 'edited-digest-0', nonce: 'nonce-edit', params: { subject: 'The cost for Northwind' } }],
    });
  });

  it('a row that was put last comes last, and another waits', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    await opened.page.getByRole('heading', { name: /Ada/ }).waitFor();
    await opened.page.keyboard.press('h');
    await opened.page.getByRole('heading', { name: /Bruno/ }).waitFor();
    expect(await namesIn(opened)).toEqual(['Bruno Sá', 'Chen Wei', 'Ada Okafor']);
    expect(said('Put last')).toEqual({ text: 'Put last' });
  });
});

import { describe, expect, it } from 'vitest';
import { closeBrowserAfterwards, letUndoPass, namesIn, openFake, toldTo } from '../support/desk/browser.ts';
import { otherScreens } from '../support/desk/pages.ts';
import { aMorning, emailTo } from '../support/desk/rows.ts';

closeBrowserAfterwards();

const emails = (count: number) => Array.from({ length: count }, (_, at) => emailTo(at));

describe('the queue of the desk, while others decide, or the server is gone', () => {
  it('says by whom a row was decided elsewhere, and leaves it where it stood', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    await opened.page.getByRole('heading', { name: /Ada/ }).waitFor();
    Object.assign(opened.desk.state.rows[1] ?? {}, { status: 'rejected', decided_by: 'Kim' });
    opened.desk.tell();
    await opened.page.getByText('rejected by Kim').waitFor();
    expect(await namesIn(opened)).toEqual(['Ada Okafor', 'Bruno Sá', 'Chen Wei']);
    expect(await opened.page.locator('.standing').textContent()).toContain('2 wait');
  });

  it('lets no older answer hide what was decided since', async () => {
    const opened = await openFake({ rows: emails(3), changes: [] });
    const { page, desk } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    const asked = () => desk.state.asked.filter(({ path }) => path === '/desk/queue').length;
    await expect.poll(asked).toBe(2);
    let release = () => {};
    desk.state.held = new Promise((resolve) => {
      release = resolve;
    });
    desk.tell();
    await expect.poll(asked).toBe(3);
    desk.state.held = undefined;
    Object.assign(desk.state.rows[1] ?? {}, { status: 'rejected', decided_by: 'Kim' });
    desk.tell();
    const late = page.waitForResponse((response) => response.url().includes('/desk/queue'));
    release();
    await late;
    await page.getByText('rejected by Kim').waitFor();
    expect(await page.locator('.standing').textContent()).toContain('2 wait');
  });

  it('what changed while it was open has to be read again before it can be approved', async () => {
    const opened = await openFake({ rows: emails(1), changes: [] });
    const { page, desk } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    Object.assign(desk.state.rows[0] ?? {}, { digest: 'digest-new', changed_since: [{ what: 'replied' }] });
    desk.tell();
    await page.getByRole('alert').filter({ hasText: 'Read it again' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
    await page.keyboard.press('a');
    await letUndoPass(opened);
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
    await page.getByRole('button', { name: 'I have read it again' }).click();
    await page.keyboard.press('a');
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toMatchObject([{ rows: [{ digest: 'digest-new' }] }]);
  });

  it('says which row was left undecided, though the next is open, and why, and keeps it', async () => {
    const opened = await openFake({
      rows: emails(2),
      changes: [],
      skips: new Map([['ct_0', 'It needs a signature.']]),
    });
    await opened.page.getByRole('heading', { name: /Ada/ }).waitFor();
    await opened.page.keyboard.press('a');
    await letUndoPass(opened);
    const says = 'Still waits: email to Ada Okafor. It needs a signature.';
    await opened.page.getByRole('alert').filter({ hasText: says }).waitFor();
    await opened.page.getByRole('heading', { name: /Bruno/ }).waitFor();
    expect(await namesIn(opened)).toEqual(['Ada Okafor', 'Bruno Sá']);
  });

  it('asks what came of an unknown outcome, and decides changes whole', async () => {
    const opened = await openFake({ rows: aMorning().slice(0, 1) });
    const { page } = opened;
    await page.getByRole('button', { name: 'It was not sent' }).click();
    await page.getByText('every weekday at 07:00').waitFor();
    await page.keyboard.press('a');
    await letUndoPass(opened);
    await expect
      .poll(() => toldTo(opened, '/desk/change'))
      .toMatchObject([{ change_id: 'ch_1', binding: 'binding-1', decision: 'approve' }]);
    expect(toldTo(opened, '/desk/settle')).toMatchObject([{ outcome: 'not_sent', digest: 'digest-unknown' }]);
  });

  it('switches all buttons off while the server is gone, and goes on when it is back', async () => {
    const opened = await openFake({ rows: emails(2), changes: [] });
    const { page, desk } = opened;
    await page.getByRole('heading', { name: /Ada/ }).waitFor();
    await desk.goAway();
    await page.clock.runFor(3_000);
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
    expect(await namesIn(opened)).toEqual(['Ada Okafor', 'Bruno Sá']);
    desk.state.rows.push(emailTo(2));
    await desk.comeBack();
    await page.clock.runFor(3_000);
    await page.getByText('Chen Wei').first().waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(false);
  });

  it('says when nothing waits, who decided last, and what ran since', async () => {
    const { page } = await openFake({ rows: [], changes: [], pages: otherScreens() });
    await page.getByRole('heading', { name: 'Nothing waits.' }).waitFor();
    await page.getByText(/Last decided \d\d:\d\d by Kim/).waitFor();
    await page.getByText('In the last day 1 run looked at 12 contacts and made 8 proposals.').waitFor();
  });

  it('finds by words, by agent and by kind', async () => {
    const opened = await openFake();
    const { page } = opened;
    await page.locator('.row').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('litware');
    await expect.poll(() => namesIn(opened)).toEqual(['Dana Levi', 'Dana Levi', 'Change']);
    await page.getByLabel('Search what waits').fill('');
    await page.getByLabel('All kinds').selectOption({ label: 'note' });
    await expect.poll(() => namesIn(opened)).toEqual(['Ada Okafor', 'Change']);
  });
});

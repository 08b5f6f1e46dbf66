import { describe, expect, it } from 'vitest';
import { readPageFile } from '../../src/files/page-file.ts';
import { closeBrowserAfterwards, expectNoSidewaysScroll, openFake, openPage, toldTo } from '../support/desk/browser.ts';
import { withAuthenticator } from '../support/desk/passkeys.ts';
import { deskScene } from '../support/desk-scene.ts';

closeBrowserAfterwards();

describe('a link with a ticket', () => {
  it('takes no tab away from whoever has it open: a teammate’s lets nobody decide there as them', async () => {
    const on = await deskScene({}, {}, readPageFile());
    const linkOf = async (name: string, person: string) => {
      const authorization = `Bearer ${on.token({ name, person })}`;
      return String((await on.send('POST', '/desk/entry', { authorization }, {})).json.url);
    };
    const opened = await openPage(await linkOf('Kim', 'p_kim'));
    const { page } = opened;
    await page.locator('.standing').filter({ hasText: 'Kim' }).waitFor();
    const theirs = await linkOf('Lee', 'p_lee');
    await page.goto(theirs);
    await page.getByRole('alert').filter({ hasText: 'This page stays Kim’s.' }).waitFor();
    expect(page.url()).not.toContain('ticket');
    await page.locator('.standing').filter({ hasText: 'Kim' }).waitFor();
    // The ticket wasn't used: in a tab of its own it opens the desk of whoever it is for.
    const other = await openPage(theirs, { viewport: { width: 320, height: 640 } });
    await other.page.locator('.standing').filter({ hasText: 'Lee' }).waitFor();
    await expectNoSidewaysScroll(other);
    expect([...opened.errors, ...other.errors]).toEqual([]);
  });

  it('opens a tab anew whose key has ended', async () => {
    const opened = await openFake({ tickets: new Set(['ticket-1', 'ticket-2']) });
    const { page, desk } = opened;
    await page.locator('.row').first().waitFor();
    desk.state.keys.clear();
    await page.goto(`${desk.url}/#ticket=ticket-2`);
    await expect.poll(() => toldTo(opened, '/desk/ticket')).toEqual([{ ticket: 'ticket-1' }, { ticket: 'ticket-2' }]);
    await page.locator('.row').first().waitFor();
    expect(page.url()).not.toContain('ticket');
  });

  it('of passkey add opens the settings with the name that was typed, which is gone once the passkey is there', async () => {
    const on = await deskScene({}, {}, readPageFile());
    const opened = await openPage(`${on.url}/#ticket=${on.tickets.issue({ kind: 'passkey', name: 'My laptop' })}`);
    const { page } = opened;
    await withAuthenticator(opened);
    const field = page.getByLabel('Name of the passkey');
    await expect.poll(() => field.inputValue()).toBe('My laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('My laptop, added').waitFor();
    await expect.poll(() => field.inputValue()).toBe('');
    expect((await (await on.open()).get('/desk/passkeys')).json.passkeys).toMatchObject([{ name: 'My laptop' }]);
    expect(opened.errors).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { closeBrowserAfterwards, faultsFor, openFake } from '../support/desk/browser.ts';
import { otherScreens } from '../support/desk/pages.ts';
import { emailTo } from '../support/desk/rows.ts';

closeBrowserAfterwards();

describe('what the desk tells beside the queue', () => {
  it('draws what is known of an agent: what follows, why proposals were rejected, trust, and each version', async () => {
    const opened = await openFake({ pages: otherScreens() });
    const { page } = opened;
    await page.getByRole('link', { name: 'agents' }).click();
    await page.getByRole('button', { name: 'Pricing follow-up' }).click();
    await page.getByText('Reasons of rejections name the price').waitFor();
    await page.getByText('Version 3, gpt-5-mini 18 of 20 (70 to 97 %)').waitFor();
    await page.getByText('Version 2, gpt-5-mini: too few to say (3)').waitFor();
    for (const words of ['we never spoke', 'recommendations', 'top issues', 'trust', '59'])
      expect(await page.getByText(words, { exact: true }).count()).toBeGreaterThan(0);
    expect(await page.getByRole('heading', { name: 'drift' }).count()).toBe(0);
    expect(await faultsFor(opened)).toEqual([]);
    expect(opened.errors).toEqual([]);
  });

  it('says that a screen couldn’t be loaded, and then not that there is nothing on it', async () => {
    const { page } = await openFake();
    await page.getByRole('link', { name: 'agents' }).click();
    await page.getByRole('alert').filter({ hasText: 'There is nothing here.' }).waitFor();
    expect(await page.getByText('There is no agent yet.').count()).toBe(0);
  });

  it('says why a file of the outbox doesn’t open', async () => {
    const { page } = await openFake({ pages: otherScreens() });
    await page.getByRole('link', { name: 'outbox' }).click();
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').filter({ hasText: 'There is nothing here.' }).waitFor();
  });

  it('names the screen where a passkey is added, where a row needs a signature', async () => {
    const { page } = await openFake({ rows: [emailTo(0, { needs: 'signed' })], changes: [] });
    await page.getByText('This needs a signature: add a passkey in settings.').waitFor();
    await page.getByRole('link', { name: 'settings' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
  });
});

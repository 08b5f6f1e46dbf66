import { describe, expect, it } from 'vitest';
import { ticketFilesOf } from '../../src/files/ticket-files.ts';
import { closeBrowserAfterwards, faultsFor, letUndoPass, namesIn, openPage } from '../support/desk/browser.ts';
import { withAuthenticator } from '../support/desk/passkeys.ts';
import { servedDesk } from '../support/desk/served-desk.ts';
import type { Connection } from '../support/server.ts';

closeBrowserAfterwards();

async function actionOf(server: Connection, run_id: string, contact_id: string): Promise<unknown> {
  const { run } = await server.call('get_run', { run_id, contact_id });
  return run.contact_results[0].proposed_actions[0];
}

const SCREENS = ['agents', 'runs', 'contacts', 'log', 'outbox', 'settings'];

describe('the page over the server that serves it', () => {
  it('decides as a person: what is approved there happens, and says who and how', async () => {
    const { server, link, run_id } = await servedDesk();
    const opened = await openPage(link());
    const { page } = opened;
    await page.getByRole('heading', { name: /ada@northwind.example/ }).waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Subject').fill('What it costs');
    await page.getByLabel('Subject').press('Control+Enter');
    await page.getByRole('heading', { name: 'Edited' }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: /bruno@contoso.example/ }).waitFor();
    await letUndoPass(opened);
    await expect
      .poll(() => actionOf(server, run_id, 'ada'))
      .toMatchObject({ status: 'executed', decided_via: 'human', edited_params: { subject: 'What it costs' } });
    await page.keyboard.press('r');
    await page.getByLabel(/Why not/).fill('not now');
    await page.keyboard.press('Enter');
    await letUndoPass(opened);
    await expect.poll(() => actionOf(server, run_id, 'bruno')).toMatchObject({ status: 'rejected', reason: 'not now' });
    expect(opened.errors).toEqual([]);
  });

  it('narrows the log to a kind of decision, and to an agent', async () => {
    const { server, link } = await servedDesk();
    const [first, second] = (await server.call('list_pending_actions', {})).actions;
    for (const { run_id, contact_id, action_index } of [first, second])
      await server.call('reject_action', { run_id, contact_id, action_index });
    const opened = await openPage(link());
    const { page } = opened;
    await page.getByRole('button', { name: 'Approve' }).click();
    await letUndoPass(opened);
    await page.getByRole('status').filter({ hasText: 'Decided.' }).waitFor();
    await page.getByRole('link', { name: 'log' }).click();
    const decisions = () => page.locator('tbody tr td:nth-child(2)').allTextContents();
    await expect.poll(decisions).toEqual(['approved', 'rejected', 'rejected']);
    await page.getByLabel('All decisions').selectOption({ label: 'rejected' });
    await expect.poll(decisions).toEqual(['rejected', 'rejected']);
    await page.getByLabel('All agents').selectOption({ label: 'Pricing follow-up' });
    await page.getByLabel('All decisions').selectOption({ label: 'approved' });
    await expect.poll(decisions).toEqual(['approved']);
    expect(opened.errors).toEqual([]);
  });

  it('opened for a passkey, shows where one is added', async () => {
    const { home, url } = await servedDesk();
    const ticket = ticketFilesOf(home, () => Date.now()).issue({ kind: 'passkey' });
    const { page } = await openPage(`${url}/#ticket=${ticket}`);
    await page.getByLabel('Name of the passkey').waitFor();
  });

  it('hears what another process decides', async () => {
    const { server, link } = await servedDesk();
    const opened = await openPage(link());
    await opened.page.locator('.row').nth(2).waitFor();
    const [row] = (await server.call('list_pending_actions', {})).actions;
    const { run_id, contact_id, action_index } = row;
    await server.call('reject_action', { run_id, contact_id, action_index });
    await opened.page
      .getByText(/rejected by/)
      .first()
      .waitFor();
    expect(await namesIn(opened)).toHaveLength(3);
  });

  it('signs with a passkey that was enrolled there, and the log holds the signature', async () => {
    const { server, link, run_id } = await servedDesk();
    const opened = await openPage(link());
    const { page } = opened;
    await withAuthenticator(opened);
    await page.locator('.row').first().waitFor();
    await page.getByRole('link', { name: 'settings' }).click();
    await page.getByLabel('Name of the passkey').fill('Laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Laptop, added').waitFor();
    await page.getByRole('link', { name: 'queue' }).click();
    await page.getByRole('button', { name: 'Sign: approve' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await letUndoPass(opened);
    await expect
      .poll(() => actionOf(server, run_id, 'ada'))
      .toMatchObject({ status: 'executed', decided_via: 'signed' });
  });

  it('hands a mail of the outbox to the person’s program, and keeps whether they sent it', async () => {
    const { server, link, run_id } = await servedDesk();
    const opened = await openPage(link());
    const { page } = opened;
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: /bruno@contoso.example/ }).waitFor();
    await letUndoPass(opened);
    await page.getByRole('status').filter({ hasText: 'Decided.' }).waitFor();
    await page.getByRole('link', { name: 'outbox' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Open' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.eml$/);
    const compose = new URL((await page.getByRole('link', { name: 'Gmail' }).getAttribute('href')) ?? '');
    expect(Object.fromEntries(compose.searchParams)).toMatchObject({
      to: 'ada@northwind.example',
      su: 'The cost for Northwind',
    });
    await page.getByRole('button', { name: 'Not sent' }).click();
    await expect.poll(() => actionOf(server, run_id, 'ada')).toMatchObject({ status: 'failed' });
    expect(opened.errors).toEqual([]);
  });

  it('takes the brake off as it was shown, and removes a passkey by its own signature', async () => {
    const { server, link } = await servedDesk();
    const opened = await openPage(link());
    const { page } = opened;
    await withAuthenticator(opened);
    await page.locator('.row').first().waitFor();
    await page.getByRole('link', { name: 'settings' }).click();
    await page.getByRole('button', { name: 'Put the brake on' }).click();
    await page.getByText('● brake on').waitFor();
    await page.getByRole('button', { name: 'Take the brake off' }).click();
    await page.getByText('brake off').waitFor();
    await page.getByLabel('Name of the passkey').fill('Laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('was added by a button here').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('status').filter({ hasText: 'The passkey is removed.' }).waitFor();
    expect((await server.call('list_pending_actions', {})).total).toBe(3);
    expect(opened.errors).toEqual([]);
  });

  it('shows agents, runs, contacts, the log and the settings', async () => {
    const { link, url } = await servedDesk();
    const opened = await openPage(link());
    const { page, errors, requests } = opened;
    await page.locator('.row').first().waitFor();
    for (const screen of SCREENS) {
      await page.getByRole('link', { name: screen }).click();
      await page.locator('.screen h2').first().waitFor();
      await expect.poll(() => page.getByText('Loading').count()).toBe(0);
      expect(await page.locator('.aside.red').allTextContents()).toEqual([]);
      expect(await faultsFor(opened)).toEqual([]);
    }
    await page.getByRole('link', { name: 'agents' }).click();
    await page.getByRole('button', { name: 'Pricing follow-up' }).click();
    await page.getByText('Approved: too few to say (0)').waitFor();
    await page.getByRole('link', { name: 'runs' }).click();
    await page.getByRole('button', { name: 'Pricing follow-up' }).click();
    await page.getByRole('button', { name: 'Ada Okafor' }).click();
    await page.getByText('The cost for Northwind').first().waitFor();
    expect(errors).toEqual([]);
    expect(requests.filter((asked) => !asked.startsWith(url))).toEqual([]);
  });

  it('adds contacts of a file that is chosen, its columns first', async () => {
    const { server, link } = await servedDesk();
    const { page } = await openPage(link());
    await page.locator('.row').first().waitFor();
    await page.getByRole('link', { name: 'contacts' }).click();
    const buffer = Buffer.from('Email Address,First Name,Unsubscribed\ndana@litware.example,Dana,yes\n');
    await page.getByLabel(/Drop a file/).setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
    await page.getByText('Email Address').first().waitFor();
    expect((await server.call('list_contacts', { query: 'dana@' })).total).toBe(0);
    await page.getByRole('button', { name: 'Add 1 contact' }).click();
    await page.getByRole('status').filter({ hasText: '1 contact added' }).waitFor();
    expect((await server.call('list_contacts', { query: 'dana@' })).contacts).toMatchObject([{ do_not_email: true }]);
  });
});

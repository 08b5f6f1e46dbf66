import { describe, expect, it } from 'vitest';
import {
  closeBrowserAfterwards,
  letUndoPass,
  namesIn,
  type OpenedDesk,
  openFake,
  reloaded,
  toldTo,
} from '../support/desk/browser.ts';
import { otherScreens } from '../support/desk/pages.ts';
import { withAuthenticator } from '../support/desk/passkeys.ts';
import { emailTo } from '../support/desk/rows.ts';

closeBrowserAfterwards();

const emails = (count: number, more = {}) => Array.from({ length: count }, (_, at) => emailTo(at, more));

/** A desk whose person has a passkey, and the device that holds it. */
async function withPasskey(opened: OpenedDesk): ReturnType<typeof withAuthenticator> {
  const device = await withAuthenticator(opened, 'has a passkey');
  const { credential: id } = device;
  opened.desk.state.passkeys.push({ id, name: 'Laptop', added_at: '2026-11-01T10:00:00Z', by_button: false });
  await reloaded(opened);
  return device;
}

describe('signing at the desk', () => {
  it('enrols a passkey by a name, and asks whether what leaves shall need a signature', async () => {
    const opened = await openFake({ rows: emails(1), changes: [] });
    const { page } = opened;
    await withAuthenticator(opened);
    await page.getByRole('link', { name: 'settings' }).click();
    await page.getByLabel('Name of the passkey').fill('Laptop');
    await page.getByLabel(/whatever leaves the machine/).check();
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Laptop, added').waitFor();
    const [enrolled] = toldTo(opened, '/desk/passkeys');
    expect(enrolled).toMatchObject({ name: 'Laptop', demand_signed: true, response: { type: 'public-key' } });
    expect(Object(enrolled?.response).response.attestationObject).toMatch(/^[\w-]{100,}$/);
    expect(await page.getByLabel('Name of the passkey').inputValue()).toBe('');
  });

  it('asks the passkey before the five seconds, and sends its answer', async () => {
    const opened = await openFake({ rows: emails(2), changes: [] });
    const { page } = opened;
    const { credential } = await withPasskey(opened);
    await page.getByRole('button', { name: 'Sign: approve' }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(toldTo(opened, '/desk/prompt')).toEqual([
      { decision: 'approve', rows: [{ run_id: 'run_01', contact_id: 'ct_0', action_index: 0, digest: 'digest-0' }] },
    ]);
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(toldTo(opened, '/desk/decide')[0]).toMatchObject({ assertion: { id: credential, type: 'public-key' } });
  });

  it('a prompt that is cancelled decides nothing', async () => {
    const opened = await openFake({ rows: emails(1), changes: [] });
    const { page } = opened;
    const { refuse } = await withPasskey(opened);
    await page.getByRole('button', { name: 'Sign: approve' }).waitFor();
    await refuse();
    await page.keyboard.press('a');
    await page.getByRole('alert').filter({ hasText: 'Nothing was decided' }).waitFor();
    await letUndoPass(opened);
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
  });

  it('signs several with one answer of the passkey, over exactly those rows', async () => {
    const opened = await openFake({ rows: emails(3, { needs: 'signed' }), changes: [] });
    const { page } = opened;
    const { credential } = await withPasskey(opened);
    for (const name of ['Ada Okafor', 'Chen Wei']) await page.getByLabel(`Select ${name}`).check();
    await page.keyboard.press('a');
    await page.locator('.alike .end').last().scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: 'Sign: approve 2 emails to 2 people' }).click();
    await page.getByRole('status').filter({ hasText: 'Approved: 2 emails' }).waitFor();
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    const rows = [0, 2].map((at) => ({ contact_id: `ct_${at}`, digest: `digest-${at}` }));
    expect(toldTo(opened, '/desk/prompt')).toMatchObject([{ decision: 'approve', rows }]);
    expect(toldTo(opened, '/desk/decide')[0]).toMatchObject({ rows, assertion: { id: credential } });
    expect(await namesIn(opened)).toEqual(['Bruno Sá']);
  });

  it('of several nothing is decided where the prompt is cancelled, and all stay selected', async () => {
    const opened = await openFake({ rows: emails(2), changes: [] });
    const { page } = opened;
    const { refuse } = await withPasskey(opened);
    await page.getByRole('button', { name: 'Select 2' }).click();
    await page.keyboard.press('a');
    await page.locator('.alike .end').last().scrollIntoViewIfNeeded();
    await refuse();
    await page.getByRole('button', { name: 'Sign: approve 2 emails to 2 people' }).click();
    await page.getByRole('alert').filter({ hasText: 'The signature was cancelled. Nothing was decided.' }).waitFor();
    await letUndoPass(opened);
    expect(toldTo(opened, '/desk/decide')).toEqual([]);
    await page.getByRole('button', { name: 'Sign: approve 2 emails to 2 people' }).waitFor();
  });

  it('switches off by the passkey alone that whatever leaves needs a signature', async () => {
    const opened = await openFake({ rows: emails(1), changes: [], signing: true });
    const { page } = opened;
    const { credential, refuse } = await withPasskey(opened);
    await page.getByRole('link', { name: 'settings' }).click();
    const off = page.getByRole('button', { name: 'Switch this off' });
    await off.click();
    await page.getByRole('status').filter({ hasText: 'A signature is no longer needed.' }).waitFor();
    expect(toldTo(opened, '/desk/prompt')).toEqual([{ decision: 'signing_off' }]);
    expect(toldTo(opened, '/desk/signing')).toMatchObject([{ on: false, assertion: { id: credential } }]);
    expect(await off.count()).toBe(0);
    opened.desk.state.signing = true;
    await reloaded(opened);
    await page.getByRole('link', { name: 'settings' }).click();
    await refuse();
    await off.click();
    await page.getByRole('alert').filter({ hasText: 'The signature was cancelled.' }).waitFor();
    expect(toldTo(opened, '/desk/signing')).toHaveLength(1);
  });

  it('approves without signing by a second button, where that is enough', async () => {
    const opened = await openFake({ rows: [emailTo(0), emailTo(1, { needs: 'signed' })], changes: [] });
    const { page } = opened;
    await withPasskey(opened);
    await page.getByRole('button', { name: 'Approve without signing' }).click();
    await page.getByRole('heading', { name: /Bruno/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve without signing' }).count()).toBe(0);
    await letUndoPass(opened);
    await expect.poll(() => toldTo(opened, '/desk/decide')).toHaveLength(1);
    expect(toldTo(opened, '/desk/decide')[0]).not.toHaveProperty('assertion');
    expect(toldTo(opened, '/desk/prompt')).toEqual([]);
  });

  it('says that a passkey is missing where a signature is needed', async () => {
    const opened = await openFake({ rows: emails(1, { needs: 'signed' }), changes: [] });
    await opened.page.getByText('This needs a signature').waitFor();
    expect(await opened.page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
  });

  it('signs that the brake goes off, while whatever leaves the machine needs a signature', async () => {
    const opened = await openFake({ pages: otherScreens(), signing: true });
    const { page } = opened;
    const { credential, refuse } = await withPasskey(opened);
    await page.getByRole('link', { name: 'settings' }).click();
    await page.getByRole('button', { name: 'Take the brake off' }).click();
    await expect.poll(() => toldTo(opened, '/desk/brake')).toHaveLength(1);
    expect(toldTo(opened, '/desk/prompt')).toEqual([{ decision: 'resume' }]);
    expect(toldTo(opened, '/desk/brake')[0]).toMatchObject({
      ...{ on: false, nonce: 'nonce-brake' },
      assertion: { id: credential, type: 'public-key' },
    });
    await refuse();
    await page.getByRole('button', { name: 'Take the brake off' }).click();
    await page.getByRole('alert').filter({ hasText: 'The signature was cancelled.' }).waitFor();
    expect(toldTo(opened, '/desk/brake')).toHaveLength(1);
  });
});

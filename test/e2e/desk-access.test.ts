import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { closeBrowserAfterwards, expectNoSidewaysScroll, faultsFor, openFake } from '../support/desk/browser.ts';
import { otherScreens } from '../support/desk/pages.ts';
import { aMorning, emailTo, hardRows } from '../support/desk/rows.ts';

closeBrowserAfterwards();

const PAGE = path.join(import.meta.dirname, '../../dist/desk.html');

type State = {
  name: string;
  rows?: typeof aMorning;
  passkeys?: Record<string, unknown>[];
  see: (page: Page) => Promise<unknown>;
};

const BY_BUTTON = { id: 'AQ', name: 'Laptop', added_at: '2026-11-01T10:00:00Z', by_button: true };

const openRow = (at: number) => (page: Page) => page.locator('.row').nth(at).click();
const openScreen = (name: string) => async (page: Page) => {
  const menu = page.getByRole('button', { name: 'Menu' });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole('link', { name }).click();
  await page.locator('.screen h2').first().waitFor();
};

const STATES: State[] = [
  { name: 'the list', see: (page) => page.locator('.row').first().waitFor() },
  { name: 'a letter', see: openRow(3) },
  { name: 'an unknown outcome', see: openRow(0) },
  { name: 'a change', see: (page) => page.locator('.row').last().click() },
  { name: 'texts that are hard to draw', rows: hardRows, see: openRow(0) },
  { name: 'a very long name', rows: hardRows, see: openRow(1) },
  { name: 'nothing', rows: () => [], see: (page) => page.locator('.row, .empty').first().waitFor() },
  {
    name: 'an edit',
    see: async (page) => {
      await openRow(1)(page);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Subject').fill('Otherwise');
    },
  },
  {
    name: 'a rejection, a decision that can be undone',
    see: async (page) => {
      await openRow(1)(page);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
      await page.getByRole('button', { name: 'Reject' }).click();
    },
  },
  {
    name: 'several, selected',
    see: async (page) => {
      for (const name of ['Ada Okafor', 'Bruno Sá']) await page.getByLabel(`Select ${name}`).first().check();
      await page.getByRole('button', { name: 'Approve 2 emails to 2 people' }).click();
    },
  },
  { name: 'a passkey that came by a button', passkeys: [BY_BUTTON], see: openRow(1) },
  { name: 'the keys', see: (page) => page.getByRole('button', { name: 'Keys' }).click() },
  ...['agents', 'runs', 'contacts', 'log', 'outbox', 'settings'].map((name) => ({
    name: `the screen ${name}`,
    see: openScreen(name),
  })),
];

describe('the desk for everybody', () => {
  for (const { name, rows = aMorning, passkeys = [], see } of STATES)
    it(`has no fault that axe finds, and nothing sideways: ${name}`, async () => {
      for (const width of [320, 1280]) {
        const opened = await openFake(
          { rows: rows(), passkeys, pages: otherScreens() },
          { viewport: { width, height: 800 } },
        );
        await opened.page.locator('.row, .empty').first().waitFor();
        await see(opened.page);
        await expectNoSidewaysScroll(opened);
        for (const colorScheme of ['light', 'dark'] as const) {
          await opened.page.emulateMedia({ colorScheme });
          expect(await faultsFor(opened)).toEqual([]);
        }
        expect(opened.errors).toEqual([]);
      }
    });

  it('is usable in forced colours and without motion', async () => {
    const opened = await openFake({}, { forcedColors: 'active', reducedMotion: 'reduce' });
    await opened.page.locator('.row').first().waitFor();
    expect(await faultsFor(opened)).toEqual([]);
    const moving = await opened.page.evaluate(
      '[...document.querySelectorAll("*")].filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length',
    );
    expect(moving).toBe(0);
  });

  it('shows the detail as a screen of its own on a phone, its decisions within reach', async () => {
    const { page } = await openFake({}, { viewport: { width: 320, height: 640 } });
    await page.locator('.row').nth(1).click();
    const approve = page.getByRole('button', { name: 'Approve' });
    const box = await approve.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(640);
    expect(await page.locator('.list').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'List' }).click();
    expect(await page.locator('.list').isVisible()).toBe(true);
  });

  it('breaks a long address at its @ and its dots, never within a word', async () => {
    const to = 'Ada Okafor <ada.okafor@northwindinternational.example>';
    const from = 'Samuel Rivera <samuel.rivera@acmeholdings.example>';
    const { page } = await openFake(
      { rows: [emailTo(0, { to, from })], changes: [] },
      { viewport: { width: 320, height: 640 } },
    );
    await page.locator('.row').first().click();
    await page.getByRole('heading', { name: to }).waitFor();
    // How many lines each part between two places for a break takes.
    const lines = await page.evaluate(`[...document.querySelectorAll('.route .whole')].flatMap(({ childNodes }) =>
      [...childNodes].filter(({ nodeType }) => nodeType === 3).map((part) => {
        const range = document.createRange();
        range.selectNodeContents(part);
        return [part.nodeValue, new Set([...range.getClientRects()].map(({ top }) => top)).size];
      }))`);
    expect(lines).toEqual([
      ...['<ada', '.okafor', '@northwindinternational', '.example>'].map((part) => [part, 1]),
      ...['<samuel', '.rivera', '@acmeholdings', '.example>'].map((part) => [part, 1]),
    ]);
  });

  it('is one file of at most 60 KB, and asks nobody but its own server', async () => {
    const file = readFileSync(PAGE);
    expect(file.byteLength).toBeLessThanOrEqual(60_000);
    expect(file.toString()).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
    const { page, requests, desk } = await openFake();
    await page.locator('.row').first().waitFor();
    expect(requests.filter((url) => !url.startsWith(desk.url))).toEqual([]);
  });
});

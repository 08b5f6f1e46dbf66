import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { closeBrowserAfterwards, type OpenedDesk, openFake, reloaded } from '../support/desk/browser.ts';
import { aChange, emailTo } from '../support/desk/rows.ts';

closeBrowserAfterwards({ whole: true });

type Watched = { shown: { title: string; body: string }[]; asked: number };

/** Counts, before the page begins, what it has the browser show and how often it asks whether it may; all of it goes on. */
const WATCH = `(() => {
  const watched = { shown: [], asked: 0 };
  Object.assign(window, { watched });
  const { requestPermission } = Notification;
  Notification.requestPermission = () => { watched.asked++; return requestPermission.call(Notification); };
  window.Notification = new Proxy(Notification, {
    construct: (made, [title, options]) => { watched.shown.push({ title, ...options }); return new made(title, options); },
  });
})()`;

const HIDE = `Object.defineProperty(document, 'hidden', { get: () => true })`;

const watchedIn = (page: Page): Promise<Watched> => page.evaluate('window.watched');

/** A desk whose browser may tell the person something, or was never asked. */
async function watchedDesk(isAllowed: boolean): Promise<OpenedDesk> {
  const opened = await openFake({ rows: [emailTo(0)], changes: [] });
  const { page, desk } = opened;
  if (isAllowed) await page.context().grantPermissions(['notifications'], { origin: desk.url });
  await page.addInitScript(WATCH);
  await reloaded(opened);
  await page.locator('.row').first().waitFor();
  return opened;
}

/** Has more rows wait, and waits until the page shows so. */
async function moreWait({ page, desk }: OpenedDesk, ...rows: number[]): Promise<void> {
  desk.state.rows.push(...rows.map((at) => emailTo(at)));
  desk.tell();
  desk.tell();
  await expect.poll(() => page.locator('.row').count()).toBe(desk.state.rows.length);
}

describe('the browser’s notice that something waits', () => {
  it('comes once for what came while the page was hidden, with how many, and nothing of their texts', async () => {
    const opened = await watchedDesk(true);
    const { page } = opened;
    await moreWait(opened, 1);
    expect((await watchedIn(page)).shown).toEqual([]);
    await page.evaluate(HIDE);
    await moreWait(opened, 2, 3);
    expect((await watchedIn(page)).shown).toEqual([
      { title: 'Countersign', body: '4 wait for you', tag: 'countersign' },
    ]);
    await moreWait(opened, 4);
    expect((await watchedIn(page)).shown).toHaveLength(2);
    expect((await watchedIn(page)).asked).toBe(0);
    expect(opened.errors).toEqual([]);
  });

  it('comes for a change too, once', async () => {
    const opened = await watchedDesk(true);
    const { page, desk } = opened;
    await page.evaluate(HIDE);
    desk.state.changes = [aChange()];
    desk.tell();
    desk.tell();
    await expect.poll(() => page.locator('.row').count()).toBe(2);
    expect((await watchedIn(page)).shown).toEqual([
      { title: 'Countersign', body: '2 wait for you', tag: 'countersign' },
    ]);
  });

  it('is asked for by a button of the settings alone', async () => {
    const opened = await watchedDesk(false);
    const { page } = opened;
    await page.evaluate(HIDE);
    await moreWait(opened, 1);
    expect(await watchedIn(page)).toEqual({ shown: [], asked: 0 });
    // A browser without a screen refuses for the person; this one was never asked.
    await page.evaluate("Object.defineProperty(Notification, 'permission', { get: () => 'default' })");
    await page.getByRole('link', { name: 'settings' }).click();
    await page.getByRole('button', { name: 'Tell me in this browser' }).click();
    expect((await watchedIn(page)).asked).toBe(1);
    expect((await watchedIn(page)).shown).toEqual([]);
  });
});

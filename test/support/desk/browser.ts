import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { QUIET_MS } from '../../../panel/base/desk.ts';
import type { FakeState } from './fake-answers.ts';
import { type FakeDesk, fakeDesk } from './fake-server.ts';
import { NOW } from './rows.ts';

/** Debian's Chromium, whole, and the one without windows: that takes half as much, and has no notifications. */
const WHOLE = '/usr/bin/chromium';
const WITHOUT_WINDOWS = '/usr/bin/chromium-headless-shell';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let started: Promise<Browser> | undefined;
let isWhole = false;

function program(): string {
  return process.env.CHROMIUM ?? (isWhole || !existsSync(WITHOUT_WINDOWS) ? WHOLE : WITHOUT_WINDOWS);
}

/** This machine's Chromium, one for all tests of a file. It ends with the file. */
function browser(): Promise<Browser> {
  // Chromium's own sandbox can't be had by root, which is who runs tests in a container.
  started ??= chromium.launch({ executablePath: program(), args: ['--no-sandbox'] });
  return started;
}

/** Closes the browser after the tests of a file. With `whole` they get the one that has notifications too. */
export function closeBrowserAfterwards({ whole = false } = {}): void {
  isWhole = whole;
  afterAll(async () => {
    await (await started)?.close();
    started = undefined;
    isWhole = false;
  });
}

export type OpenedPage = { page: Page; errors: string[]; requests: string[] };

/** How a page is opened. `isTyping`: while the person types, so that its keys don't count yet. */
export type PageOptions = BrowserContextOptions & { isTyping?: boolean };

/** A new page at an address, as a person with this screen sees it; what went wrong in it, and what it asked for. */
export async function openPage(url: string, { isTyping = false, ...options }: PageOptions = {}): Promise<OpenedPage> {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.clock.install({ time: NOW });
  await page.goto(url);
  if (!isTyping) await page.clock.runFor(QUIET_MS);
  return { page, errors, requests };
}

/** Loads a page anew, and waits until its keys count. */
export async function reloaded({ page }: Pick<OpenedPage, 'page'>): Promise<void> {
  await page.reload();
  await page.clock.runFor(QUIET_MS);
}

export type OpenedDesk = OpenedPage & { desk: FakeDesk };

/** The desk over a server that says what the test tells it, opened by a ticket. */
export async function openFake(given: Partial<FakeState> = {}, options: PageOptions = {}): Promise<OpenedDesk> {
  const desk = await fakeDesk(given);
  onTestFinished(() => desk.stop());
  const opened = await openPage(desk.link, options);
  return { ...opened, desk };
}

/** Lets the five seconds pass in which a decision can be undone. */
export async function letUndoPass({ page }: Pick<OpenedPage, 'page'>): Promise<void> {
  await page.clock.runFor(5_100);
}

/** The names of the rows in the list, in their order. */
export function namesIn({ page }: Pick<OpenedPage, 'page'>): Promise<string[]> {
  return page.locator('.row .name').allTextContents();
}

/** What the server was told to do, by the path of it. */
export function toldTo({ desk }: OpenedDesk, path: string): Record<string, unknown>[] {
  return desk.state.asked.filter((asked) => asked.path === path && asked.method === 'POST').map(({ body }) => body);
}

/** What of a page can't be used by everybody: a line for each fault. */
export async function faultsFor({ page }: Pick<OpenedPage, 'page'>): Promise<string[]> {
  await page.evaluate(AXE);
  const found: { id: string; nodes: { html: string; failureSummary?: string }[] }[] = await page.evaluate(
    // Colours that are on their way from one to the other are nobody's.
    'Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined))).then(() => axe.run(document, { resultTypes: ["violations"] })).then(({ violations }) => violations)',
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** That nothing stands beyond the right edge. */
export async function expectNoSidewaysScroll({ page }: Pick<OpenedPage, 'page'>): Promise<void> {
  const beyond = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(beyond).toBe(0);
}

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deskMounts } from '../../src/desk/index.ts';
import { deskLink } from '../../src/domain/base/desk.ts';
import { ticketFilesOf } from '../../src/files/ticket-files.ts';
import { serveDesk } from '../../src/opening/on-demand.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { visited } from '../support/desk-visitor.ts';
import { inProcess } from '../support/in-process.ts';

const MINUTE = 60_000;

/** The desk of a home, served by this process. `clock.ahead` is what its clock is ahead; `looks` counts its readings. */
async function aDesk() {
  const { house, home } = inProcess();
  const settings = settingsOf({ COUNTERSIGN_HOME: home }, '/');
  if ('problem' in settings) throw new Error(settings.problem);
  const clock = { ahead: 0, looks: 0 };
  const now = () => {
    clock.looks++;
    return Date.now() + clock.ahead;
  };
  const desk = await serveDesk({ settings, house, assemble: deskMounts, lookMs: 10, now });
  if (!('ended' in desk)) throw new Error('another process has the desk of a new home');
  onTestFinished(() => desk.close());
  let end: string | undefined;
  void desk.ended.then((why) => {
    end = why;
  });
  const link = () => deskLink(desk.url, { ticket: ticketFilesOf(home).issue({ kind: 'desk' }) });
  /** Lets the desk look whether it is still used, at another time. */
  const later = async (ahead: number) => {
    clock.ahead = ahead;
    const { looks } = clock;
    await expect.poll(() => clock.looks > looks + 2 || end !== undefined).toBe(true);
    return end ?? 'open';
  };
  return { home, desk, link, later, isSaid: () => fs.existsSync(path.join(home, 'desk.json')) };
}

describe('a desk that is served on demand', () => {
  it('ends 15 minutes after the last request, and says no more where it is', async () => {
    const { desk, later, isSaid } = await aDesk();
    await fetch(new URL('/healthz', desk.url));
    expect([await later(14 * MINUTE), isSaid()]).toEqual(['open', true]);
    expect(await later(16 * MINUTE)).toBe('unused');
    expect(isSaid()).toBe(false);
    await expect(fetch(desk.url)).rejects.toThrow();
  });

  it('counts its 15 minutes from when the last page was closed', async () => {
    const { desk, home, link, later } = await aDesk();
    const { key } = await visited(link());
    const page = await fetch(new URL('/desk/events', desk.url), { headers: { 'x-countersign-key': key } });
    const isMarked = () => fs.existsSync(path.join(home, 'desk', 'page'));
    await expect.poll(isMarked).toBe(true);
    await page.body?.cancel();
    await expect.poll(isMarked).toBe(false);
    expect(await later(14 * MINUTE)).toBe('open');
    const again = await fetch(new URL('/desk/events', desk.url), { headers: { 'x-countersign-key': key } });
    await expect.poll(isMarked).toBe(true);
    await again.body?.cancel();
    await expect.poll(isMarked).toBe(false);
    // The second page was there at the 14th minute.
    expect(await later(28 * MINUTE)).toBe('open');
    expect(await later(30 * MINUTE)).toBe('unused');
  });

  it('makes way for whoever serves the home', async () => {
    const { desk, home } = await aDesk();
    const other = await aDesk();
    // The other desk answers as a server does; a process that lives has to be named beside it.
    fs.writeFileSync(path.join(home, 'serve.json'), JSON.stringify({ pid: process.ppid, url: other.desk.url }));
    expect(await desk.ended).toBe('served');
  });

  it('doesn’t take a file for a server that names a process without one', async () => {
    const { home, later } = await aDesk();
    fs.writeFileSync(path.join(home, 'serve.json'), JSON.stringify({ pid: process.ppid, url: 'http://127.0.0.1:9' }));
    expect(await later(MINUTE)).toBe('open');
  });
});

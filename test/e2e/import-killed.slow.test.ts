import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Connection, startServer, temporaryHome } from '../support/server.ts';

const CONTACTS = 600;
const EVENTS = 14_000;
const lines = (count: number, at: (n: number) => unknown) =>
  Array.from({ length: count }, (_, n) => JSON.stringify(at(n))).join('\n');

function kill({ pid }: Connection): void {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

describe('an import of many events whose process is killed', () => {
  it.each([1, 5_000, 10_000])('keeps what it saved behind row %i, and made again it adds the rest', async (least) => {
    const home = temporaryHome();
    const file = path.join(home, '..', `${path.basename(home)}.jsonl`);
    onTestFinished(() => {
      for (const each of [home, file]) fs.rmSync(each, { recursive: true, force: true });
    });
    const eventAt = (n: number) => ({ contact_id: `c${(n * 7_919) % CONTACTS}`, type: 'page', messageId: `m${n}` });
    fs.writeFileSync(file, `${lines(CONTACTS, (n) => ({ id: `c${n}` }))}\n${lines(EVENTS, eventAt)}`);
    const start = () => startServer({ home, env: { COUNTERSIGN_ALLOW_DIRS: path.dirname(file) } });
    const first = await start();
    let told = 0;
    const importing = first.raw('import_contacts', { path: file }, ({ progress }) => {
      told = progress;
      if (told >= least) kill(first);
    });
    await expect(importing).rejects.toThrow();
    expect(told).toBeLessThan(CONTACTS + EVENTS);

    const second = await start();
    onTestFinished(() => second.close());
    const made = await second.call('import_contacts', { path: file });
    // All contacts come before the first event, in a part of their own.
    const saved = Math.max(0, told - CONTACTS);
    expect(made).toMatchObject({ created: 0, error_count: 0 });
    expect(made.events_recorded).toBeLessThanOrEqual(EVENTS - saved);
    const { total } = await second.call('list_contacts', { limit: 1 });
    expect(total).toBe(CONTACTS);
    const { events } = await second.call('get_contact', { contact_id: 'c7' });
    const ids = events.map(({ message_id }: { message_id: string }) => message_id);
    expect([ids.length > 0, new Set(ids).size]).toEqual([true, ids.length]);
    expect(await second.call('import_contacts', { path: file })).toMatchObject({ created: 0, events_recorded: 0 });
  });
});

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TICKET_MS, ticketFilesOf } from '../../src/files/ticket-files.ts';
import { takenAtOnce } from '../support/ticket-takers.ts';

const ROW = { run_id: 'run_1', contact_id: 'ann', action_index: 0 };

function aHome() {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tickets-'));
  onTestFinished(() => fs.rmSync(home, { recursive: true }));
  const folder = path.join(home, 'desk', 'tickets');
  const fileOf = (ticket: string) => path.join(folder, `${createHash('sha256').update(ticket).digest('hex')}.json`);
  return { home, folder, fileOf };
}

describe('a ticket to the desk', () => {
  it('says whose it is and where it leads, once', () => {
    const { home, folder } = aHome();
    const member = { id: 'p_1', role: 'member' as const, team: 2, scopes: ['agents:approve' as const] };
    const holder = { key: 'token1', person: { user: 'Kim', member } };
    const ticket = ticketFilesOf(home).issue({ kind: 'desk', holder, at: ROW });
    expect(ticketFilesOf(home).redeem(ticket)).toMatchObject({ kind: 'desk', holder, at: ROW });
    expect(ticketFilesOf(home).redeem(ticket)).toBeUndefined();
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('is good for a minute', () => {
    const { home } = aHome();
    let now = Date.now();
    const tickets = ticketFilesOf(home, () => now);
    const [early, late] = [tickets.issue({ kind: 'desk' }), tickets.issue({ kind: 'desk' })];
    now += TICKET_MS - 1;
    expect(tickets.redeem(early)).toBeDefined();
    now += 1;
    expect(tickets.redeem(late)).toBeUndefined();
  });

  it('is nowhere in the home, whose files are for its owner alone', () => {
    const { home, folder, fileOf } = aHome();
    const ticket = ticketFilesOf(home).issue({ kind: 'passkey', name: 'My key' });
    expect(fs.readFileSync(fileOf(ticket), 'utf8')).not.toContain(ticket);
    expect(fs.readdirSync(folder).join()).not.toContain(ticket);
    const modes = [path.join(home, 'desk'), folder, fileOf(ticket)].map((each) => fs.statSync(each).mode & 0o777);
    if (process.platform !== 'win32') expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('leaves nothing behind once its minute is over and another one is made', () => {
    const { home, folder, fileOf } = aHome();
    const old = ticketFilesOf(home).issue({ kind: 'desk' });
    const crashed = path.join(folder, '.cut-short.tmp');
    fs.writeFileSync(crashed, '{');
    const long = new Date(Date.now() - TICKET_MS - 1_000);
    for (const each of [fileOf(old), crashed]) fs.utimesSync(each, long, long);
    const ticket = ticketFilesOf(home).issue({ kind: 'desk' });
    expect(fs.readdirSync(folder)).toEqual([path.basename(fileOf(ticket))]);
  });

  it('lets one of several processes in that redeem it at once', async () => {
    const { home } = aHome();
    const tickets = Array.from({ length: 40 }, () => ticketFilesOf(home).issue({ kind: 'desk' }));
    const redeemed = (await takenAtOnce(home, tickets, 3)).flat();
    expect(redeemed.toSorted()).toEqual(tickets.toSorted());
  });

  it.each(['', 'x', `../../${'a'.repeat(37)}`, 'a'.repeat(43), 'a'.repeat(44), `${'a'.repeat(42)}.`])(
    'is none by any other text: %j',
    (text) => {
      const { home } = aHome();
      ticketFilesOf(home).issue({ kind: 'desk' });
      expect(ticketFilesOf(home).redeem(text)).toBeUndefined();
    },
  );

  it('opens nothing where its file holds something else', () => {
    const { home, fileOf } = aHome();
    for (const damage of ['', '{', '[]', '{"kind":"other","until":"2999-01-01T00:00:00Z"}', '{"kind":"desk"}']) {
      const ticket = ticketFilesOf(home).issue({ kind: 'desk' });
      fs.writeFileSync(fileOf(ticket), damage);
      expect(ticketFilesOf(home).redeem(ticket)).toBeUndefined();
    }
  });

  it.each(['desk', 'desk/tickets'])('is neither made nor redeemed through a link in the place of %s', (name) => {
    const { home } = aHome();
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'elsewhere-'));
    onTestFinished(() => fs.rmSync(elsewhere, { recursive: true }));
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    fs.symlinkSync(elsewhere, path.join(home, name));
    expect(() => ticketFilesOf(home).issue({ kind: 'desk' })).toThrow('a symbolic link');
    expect(() => ticketFilesOf(home).redeem('a'.repeat(43))).toThrow('a symbolic link');
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });

  it('isn’t read through a link in the place of its file', () => {
    const { home, fileOf } = aHome();
    const ticket = ticketFilesOf(home).issue({ kind: 'desk' });
    const real = path.join(home, 'elsewhere.json');
    fs.renameSync(fileOf(ticket), real);
    fs.symlinkSync(real, fileOf(ticket));
    expect(() => ticketFilesOf(home).redeem(ticket)).toThrow('a symbolic link');
  });
});

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isFolder, linkOnce, makeFolder, readIfThere, touch } from './durable.ts';
import { takeAway } from './serve-file.ts';

/** How often whoever has an open page says so, and how long that counts. */
export const PAGE_SAID_MS = 10_000;
const PAGE_MS = 30_000;
/** A browser is opened by no more than one process of the home in this time. */
const TURN_MS = 60_000;

/** What the processes of a home tell each other of the desk, in HOME/desk: an open page, and when a browser was opened. */
export type DeskMarks = {
  /** Says that a page of the desk is open. It counts for half a minute. */
  sayPage: () => void;
  /** Says that none is open any more. */
  endPage: () => void;
  hasPage: () => boolean;
  /** Takes the one turn of each minute to open a browser; false where another one, or this process itself, had it. */
  takeTurn: () => boolean;
  /** Gives a turn back in which no browser was opened. */
  returnTurn: () => void;
};

/** The marks of a home. All but `hasPage` throw STORE_ERROR where something else stands in the place of the folder. */
export function deskMarksOf(home: string, now: () => number = Date.now): DeskMarks {
  const folder = path.join(home, 'desk');
  const [page, opened] = [path.join(folder, 'page'), path.join(folder, 'opened')];

  function makeFolders(): void {
    for (const each of [home, folder]) makeFolder(each);
  }

  /** Whether the turn that a file tells of is over. A clock that was set back ends it, too. */
  function isOver(told: Buffer | undefined): boolean {
    const age = now() - Number(String(told).split(' ', 1)[0]);
    return !(age >= 0 && age < TURN_MS);
  }

  return {
    sayPage() {
      makeFolders();
      touch(page);
    },
    endPage() {
      if (isFolder(folder)) fs.rmSync(page, { force: true });
    },
    hasPage() {
      const found = fs.lstatSync(page, { throwIfNoEntry: false });
      return found !== undefined && Math.abs(now() - found.mtimeMs) < PAGE_MS;
    },
    takeTurn() {
      makeFolders();
      const own = `${opened}.${randomUUID()}.tmp`;
      fs.writeFileSync(own, `${now()} ${randomUUID()}\n`, { mode: 0o600, flag: 'wx' });
      try {
        while (!linkOnce(own, opened)) {
          const found = readIfThere(opened);
          if (!isOver(found)) return false;
          takeAway(opened, found);
        }
        return true;
      } finally {
        fs.rmSync(own, { force: true });
      }
    },
    returnTurn() {
      if (isFolder(folder)) fs.rmSync(opened, { force: true });
    },
  };
}

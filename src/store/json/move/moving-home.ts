import fs from 'node:fs';
import path from 'node:path';
import type { Deps } from '../../../domain/base/deps.ts';
import { AppError } from '../../../domain/base/errors.ts';
import { readIfThere } from '../../../files/durable.ts';
import { createOutbox, outboxFilesOf } from '../../../files/outbox.ts';
import { tokenFilesOf } from '../../../files/token-files.ts';
import { endErasures } from '../../move/end-erasures.ts';
import type { KeptBeside, LogLine, MoveSource } from '../../move/place.ts';
import { isMade, pathsOf, TOKEN } from '../home.ts';
import { readMark, writeMark } from '../home-mark.ts';
import { createJsonStore } from '../json-store.ts';
import { listSegments } from '../log/segments.ts';
import { countingLines, logLinesIn } from './home-lines.ts';

/** What the store keeps for a day, each in a file named by its token. */
function keptFilesIn(directory: string): KeptBeside['kept'] {
  if (!fs.existsSync(directory)) return [];
  return fs.readdirSync(directory).flatMap((name) => {
    const token = name.replace(/\.json$/, '');
    const file = path.join(directory, name);
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    const value = TOKEN.test(token) && stat?.isFile() ? readIfThere(file)?.toString('utf8') : undefined;
    return stat && value !== undefined ? [{ token, value, at: stat.mtime }] : [];
  });
}

/** The home in a folder, to be moved elsewhere. Throws AppError STORE_ERROR where there is none. */
export function homeToMove(home: string, deps: Pick<Deps, 'now' | 'newId' | 'log'>): MoveSource {
  const paths = pathsOf(home);
  if (!isMade(paths)) throw new AppError('STORE_ERROR', `There is no home in ${home}. Nothing was changed.`);
  return {
    shown: home,
    ...logLinesIn(paths.log),
    async movedTo() {
      return readMark(home)?.movedTo;
    },
    async newest() {
      let last: LogLine | undefined;
      for (const line of countingLines(paths.log, listSegments(paths.log).at(-1) ?? 1)) last = line;
      return last;
    },
    /** Opening the home raises one of the first edition, and sets aside what can't be read at its end. */
    async settle() {
      const store = createJsonStore(home, deps);
      try {
        await endErasures(store, createOutbox(home).remove);
      } finally {
        await store.close();
      }
    },
    async stop(to) {
      writeMark(home, { movedTo: to });
    },
    async arrived(to) {
      if (readMark(home)?.hasArrived !== true) writeMark(home, { movedTo: to, hasArrived: true });
    },
    async beside() {
      const secret = readIfThere(path.join(paths.state, 'secret.key'));
      const tokens = tokenFilesOf(home).all();
      return { secret, kept: keptFilesIn(paths.reviews), outbox: outboxFilesOf(home), tokens };
    },
  };
}

/** Whether the home in a folder stopped to move to `to`, and may not have arrived there yet. */
export function isOnItsWay(home: string, to: string): boolean {
  const mark = readMark(home);
  return mark?.movedTo === to && mark.hasArrived !== true;
}

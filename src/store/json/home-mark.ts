import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../domain/base/errors.ts';
import { readIfThere, replaceFile } from '../../files/durable.ts';

/** The format of the homes that this version writes. It reads earlier ones too, and raises them (`raise.ts`). */
export const HOME_FORMAT = 2;
const FIRST_FORMAT = 1;
/** Stands in home.json while a home is moved, and after it has: no earlier version opens a home with it. */
const MOVING_FORMAT = 3;

/** What home.json says. */
export type HomeMark = {
  /** The format, 1 or 2. */
  format: number;
  /** The home was left in the middle of being raised. */
  isRaising: boolean;
  /** Where the home has moved to. It is only read from then on. */
  movedTo?: string;
  /** All of it is there. */
  hasArrived?: boolean;
  /** Where a move that hasn't ended takes the home from. Until then there is no home here. */
  fillingFrom?: string;
};

export function homeMarkerOf(home: string): string {
  return path.join(home, 'home.json');
}

/** Thrown where something was to be written to a home that has moved. What is in memory is right. */
export class HomeMoved extends AppError {}

function isFormat(format: unknown, { movedTo, fillingFrom }: Partial<HomeMark>): boolean {
  if (format === MOVING_FORMAT) return movedTo !== undefined || fillingFrom !== undefined;
  return format === HOME_FORMAT || format === FIRST_FORMAT;
}

function unreadable(marker: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `${marker} can't be read: it should hold {"format": ${HOME_FORMAT}}. The home was left untouched. Restore that file, or set COUNTERSIGN_HOME to another folder.`,
  );
}

function parsedMark(text: string, marker: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch {
    // The error below says what is wrong.
  }
  throw unreadable(marker);
}

/** What home.json says; undefined where there is none. Throws AppError STORE_ERROR for what this version doesn't know. */
export function readMark(home: string): HomeMark | undefined {
  const marker = homeMarkerOf(home);
  const text = readIfThere(marker)?.toString('utf8');
  if (text === undefined) return undefined;
  const { format, raising, moved_to, arrived, filling_from } = parsedMark(text, marker);
  const places = {
    ...(typeof moved_to === 'string' ? { movedTo: moved_to, hasArrived: arrived === true } : {}),
    ...(typeof filling_from === 'string' ? { fillingFrom: filling_from } : {}),
  };
  if (typeof format === 'number' && isFormat(format, places))
    return { format: Math.min(format, HOME_FORMAT), isRaising: raising === true, ...places };
  if (typeof format === 'number' && format > HOME_FORMAT)
    throw new AppError(
      'STORE_ERROR',
      `This home was written by a newer Countersign (format ${format} in ${marker}; this one knows ${HOME_FORMAT}). It was left untouched. Update Countersign, or set COUNTERSIGN_HOME to another folder.`,
    );
  throw unreadable(marker);
}

/** Writes home.json: the format of this version, and what else is to be said. */
export function writeMark(home: string, { isRaising, movedTo, hasArrived, fillingFrom }: Partial<HomeMark>): void {
  const format = movedTo === undefined && fillingFrom === undefined ? HOME_FORMAT : MOVING_FORMAT;
  const fields = [
    `"format": ${format}`,
    ...(isRaising ? ['"raising": true'] : []),
    ...(movedTo === undefined ? [] : [`"moved_to": ${JSON.stringify(movedTo)}`]),
    ...(hasArrived ? ['"arrived": true'] : []),
    ...(fillingFrom === undefined ? [] : [`"filling_from": ${JSON.stringify(fillingFrom)}`]),
  ];
  replaceFile(homeMarkerOf(home), `{${fields.join(', ')}}\n`);
}

/** The error for a folder that a move hasn't filled yet. */
export function isFillingOf(home: string, from: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `${home} is being filled from ${from}, and that hasn't ended. Run the same \`countersign migrate\` again to end it.`,
  );
}

/**
 * Tells whether the home has moved since it was opened. Each writer asks before its commit is written, and once more before
 * the commit is acknowledged: whoever moves the home writes home.json first and reads the log's end after that, so that
 * it finds every commit that was acknowledged.
 */
export class MoveWatch {
  private readonly home: string;
  private seen: { ino: number; mtimeMs: number; size: number } | undefined;
  private movedTo: string | undefined;

  constructor(home: string) {
    this.home = home;
  }

  /** Throws `HomeMoved` where the home has moved. */
  demandHere(): void {
    if (this.place() === undefined) return;
    throw new HomeMoved(
      'STORE_ERROR',
      `This home has moved to ${this.movedTo}, so that nothing is written to ${this.home} any more. Nothing was changed. ${this.way()}`,
    );
  }

  /** The same once a commit is in the log, before it is acknowledged. */
  demandStillHere(): void {
    if (this.place() === undefined) return;
    throw new HomeMoved(
      'STORE_ERROR',
      `This home moved to ${this.movedTo} while this was written, so it may be there or not: read there before you repeat the call. ${this.way()}`,
    );
  }

  private way(): string {
    return this.movedTo?.startsWith('postgres')
      ? 'Start Countersign with COUNTERSIGN_DATABASE_URL set to that database.'
      : 'Start Countersign with COUNTERSIGN_HOME set to that folder, and without COUNTERSIGN_DATABASE_URL.';
  }

  private place(): string | undefined {
    const stat = fs.lstatSync(homeMarkerOf(this.home), { throwIfNoEntry: false });
    const { seen } = this;
    if (stat && seen?.ino === stat.ino && seen.mtimeMs === stat.mtimeMs && seen.size === stat.size) return this.movedTo;
    this.movedTo = readMark(this.home)?.movedTo;
    this.seen = stat && { ino: stat.ino, mtimeMs: stat.mtimeMs, size: stat.size };
    return this.movedTo;
  }
}

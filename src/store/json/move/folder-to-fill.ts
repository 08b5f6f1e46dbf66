import fs from 'node:fs';
import path from 'node:path';
import { isFolder, makeDirectory, makeFolder, openPlain, replaceFile, syncDirectory } from '../../../files/durable.ts';
import { putInOutbox } from '../../../files/outbox.ts';
import { tokenFilesOf } from '../../../files/token-files.ts';
import type { LogLine, MoveTarget, TargetState } from '../../move/place.ts';
import { pathsOf } from '../home.ts';
import { readMark, writeMark } from '../home-mark.ts';
import { listSegments, segmentPath } from '../log/segments.ts';
import { countingLines, logLinesIn, wholeLines } from './home-lines.ts';

/** What a process that was killed left of a file that it was about to put in its place. */
const TEMPORARY = /^\..*\.tmp$/;
const FEED = Buffer.from('\n');

/** A segment that lines are written to. `end` is where its last whole line ends. */
type Segment = { first: number; end: number; last: LogLine | undefined };

function withFile<T>(file: string, flags: number, work: (fd: number) => T): T {
  const fd = openPlain(file, flags);
  try {
    return work(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** The log of a folder, written line by line, a segment up to each seal. */
class Segments {
  private readonly directory: string;
  private current: Segment | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The segment that is written to, and its newest line. A line that was written half is taken away. */
  get newest(): Segment {
    this.current ??= this.found();
    return this.current;
  }

  private found(): Segment {
    for (const name of fs.readdirSync(this.directory))
      if (TEMPORARY.test(name)) fs.rmSync(path.join(this.directory, name), { force: true });
    const first = listSegments(this.directory).at(-1);
    if (first === undefined) return { first: 1, end: 0, last: undefined };
    let end = 0;
    let last: LogLine | undefined;
    for (const line of countingLines(this.directory, first)) {
      end += line.bytes.length + 1;
      last = line;
    }
    withFile(segmentPath(this.directory, first), fs.constants.O_RDWR, (fd) => fs.ftruncateSync(fd, end));
    return { first, end, last };
  }

  /** Writes lines behind the newest one. They are durable once this ends. */
  write(lines: readonly LogLine[]): void {
    const { last } = this.newest;
    let piece: LogLine[] = [];
    let isSealed = last?.isSeal === true;
    for (const line of lines) {
      if (isSealed) {
        this.append(piece);
        piece = [];
        this.current = { first: line.n, end: 0, last: undefined };
      }
      piece.push(line);
      isSealed = line.isSeal;
    }
    this.append(piece);
    syncDirectory(this.directory);
  }

  private append(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    const { first, end } = this.newest;
    const bytes = Buffer.concat(lines.flatMap((line) => [line.bytes, FEED]));
    withFile(segmentPath(this.directory, first), fs.constants.O_WRONLY | fs.constants.O_CREAT, (fd) => {
      const count = fs.writeSync(fd, bytes, 0, bytes.length, end);
      if (count !== bytes.length) throw Object.assign(new Error('a short write'), { code: 'ENOSPC' });
      fs.fsyncSync(fd);
    });
    this.current = { first, end: end + bytes.length, last: lines.at(-1) };
  }

  /** Puts lines in the place of those with the same numbers. */
  replace(lines: readonly LogLine[]): void {
    const firsts = listSegments(this.directory);
    const wanted = new Map(lines.map((line) => [line.n, line.bytes]));
    const touched = new Set(lines.map(({ n }) => firsts.findLast((first) => first <= n)));
    for (const first of touched) {
      if (first === undefined) continue;
      let n = first;
      const kept: Buffer[] = [];
      for (const bytes of wholeLines(segmentPath(this.directory, first))) kept.push(wanted.get(n++) ?? bytes, FEED);
      replaceFile(segmentPath(this.directory, first), Buffer.concat(kept));
    }
    this.current = undefined;
  }
}

function stateOf(home: string): TargetState {
  if (!isFolder(home) || fs.readdirSync(home).every((name) => TEMPORARY.test(name))) return 'empty';
  const filling = readMark(home)?.fillingFrom;
  return filling === undefined ? 'home' : { filling };
}

/** A folder that a home is moved to: a new one, or an empty one. `copyOwn` brings it the person's own files. */
export function folderToFill(home: string, copyOwn: () => void): MoveTarget {
  const paths = pathsOf(home);
  const segments = new Segments(paths.log);
  return {
    shown: home,
    ...logLinesIn(paths.log),
    state: async () => stateOf(home),
    async begin(from) {
      makeDirectory(home);
      writeMark(home, { fillingFrom: from });
    },
    async newest() {
      for (const folder of [paths.log, paths.state]) makeFolder(folder);
      return segments.newest.last?.n ?? segments.newest.first - 1;
    },
    async has(n, sha) {
      for (const line of countingLines(paths.log, n)) return line.n === n && line.sha === sha;
      return false;
    },
    write: async (lines) => segments.write(lines),
    replace: async (lines) => segments.replace(lines),
    ready: async () => undefined,
    async complete({ secret, kept, outbox, tokens }) {
      makeFolder(paths.reviews);
      for (const { token, value, at } of kept) {
        const file = path.join(paths.reviews, `${token}.json`);
        replaceFile(file, value, { isDurable: false });
        fs.utimesSync(file, at, at);
      }
      if (secret) replaceFile(path.join(paths.state, 'secret.key'), secret);
      for await (const file of outbox) await putInOutbox(home, file);
      for (const token of tokens) tokenFilesOf(home).write(token);
      copyOwn();
      writeMark(home, {});
    },
  };
}

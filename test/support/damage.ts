import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { splitLines } from '../../src/store/log/commit.ts';

/** The files of a log by name, in order. */
export type Files = Map<string, Buffer>;
/** One way to damage a log, as a disk, an editor or an attacker might. `other` is the log of another home. */
export type Damage = (log: Files, other: Files) => void;

const FEED = Buffer.from('\n');
const place = fc.nat();

export function filesOf(directory: string): Files {
  const names = fs.readdirSync(directory).sort();
  return new Map(names.map((name) => [name, fs.readFileSync(path.join(directory, name))]));
}

function nameAt(log: Files, at: number): string {
  return [...log.keys()][at % log.size] ?? '';
}

function change(log: Files, at: number, how: (bytes: Buffer) => Buffer): void {
  const name = nameAt(log, at);
  log.set(name, how(log.get(name) ?? Buffer.alloc(0)));
}

function changeLines(log: Files, at: number, how: (lines: Buffer[]) => Buffer[]): void {
  change(log, at, (bytes) => {
    const { lines, rest } = splitLines(bytes);
    return Buffer.concat([...how(lines).flatMap((line) => [line, FEED]), rest]);
  });
}

function linesOf(log: Files): Buffer[] {
  return [...log.values()].flatMap((bytes) => splitLines(bytes).lines);
}

/** A forged line: whole, well-formed, and with a digest that fits its text. */
function forged(line: Buffer, how: (body: string) => string): Buffer {
  const body = how(line.toString('utf8').replace(/,"sha":"[^"]*"\}$/, ''));
  return Buffer.from(`${body},"sha":"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"}`);
}

const withEvent = (event: string) => (body: string) => body.replace('"events":[', `"events":[${event},`);
const FORGERIES = [
  (body: string) => body.replace('"events":', 'events:'),
  (body: string) => body.replace(/"events":.*$/, '"events":null'),
  (body: string) => body.replace(',"writer"', ',"n":1,"writer"'),
  (body: string) => body.replace(/^\{"n":(\d+)/, (_, n: string) => `{"n":${Number(n) + 3}`),
  (body: string) => body.replace(',"writer":"', ',"__proto__":{"polluted":true},"writer":"x'),
  withEvent('null'),
  withEvent('{"type":"from_the_future"}'),
  withEvent('{"type":"contacts_saved","contacts":null}'),
  withEvent('{"type":"contacts_saved","contacts":[]}'),
  withEvent('{"type":"decisions_recorded","entries":{}}'),
  withEvent('{"type":"actions_changed","changes":[null]}'),
];

/** A text in which the start of a commit stands at many places, to slow a reader down. */
const MANY = `${'{"n":9,"prev":"",'.repeat(20_000)},"sha":"${'x'.repeat(22)}"}\n`;
const junk = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...['\n\n\n', '#\n', '\uFEFF', '{"n":', '{"__proto__":{"polluted":true},"n":1}\n', 'null\n', '{}\n{}\n{}\n'],
      ...[MANY, 'x'.repeat(300_000), '['.repeat(100_000), '\0'.repeat(4_096)],
    )
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.from([0xc3, 0x28, 0xff, 0xfe, 10])),
);

const spoilBytes: fc.Arbitrary<Damage>[] = [
  fc.tuple(place, place).map(
    ([file, at]) =>
      (log) =>
        change(log, file, (bytes) => bytes.subarray(0, at % (bytes.length + 1))),
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 255 })).map(
    ([file, at, mask]) =>
      (log) =>
        change(log, file, (bytes) => {
          const flipped = Buffer.from(bytes);
          if (flipped.length > 0) flipped[at % flipped.length] = (flipped[at % flipped.length] ?? 0) ^ mask;
          return flipped;
        }),
  ),
  fc.tuple(place, place, fc.nat(3_000), fc.constantFrom(0, 10, 255)).map(
    ([file, at, length, value]) =>
      (log) =>
        change(log, file, (bytes) => {
          const from = at % (bytes.length + 1);
          return Buffer.from(bytes).fill(value, from, Math.min(bytes.length, from + length));
        }),
  ),
  fc.tuple(place, place, junk).map(
    ([file, at, bytes]) =>
      (log) =>
        change(log, file, (before) => {
          const from = at % (before.length + 1);
          return Buffer.concat([before.subarray(0, from), bytes, before.subarray(from)]);
        }),
  ),
  fc.tuple(junk).map(
    ([bytes]) =>
      (log) =>
        change(log, log.size - 1, (before) => Buffer.concat([before, bytes])),
  ),
];

const spoilLines: fc.Arbitrary<Damage>[] = [
  fc.tuple(place, place, place).map(([file, from, to]) => (log) => {
    const lines = linesOf(log);
    const line = lines[from % lines.length] ?? FEED;
    changeLines(log, file, (mine) => mine.toSpliced(to % (mine.length + 1), 0, line));
  }),
  fc.tuple(place, place, place).map(
    ([file, from, to]) =>
      (log) =>
        changeLines(log, file, (lines) => {
          const [line] = lines.splice(from % Math.max(1, lines.length), 1);
          return line ? lines.toSpliced(to % (lines.length + 1), 0, line) : lines;
        }),
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 3 })).map(
    ([file, at, count]) =>
      (log) =>
        changeLines(log, file, (lines) => lines.toSpliced(at % Math.max(1, lines.length), count)),
  ),
  fc.tuple(place, place, place, fc.nat(2)).map(([file, from, to, removed]) => (log, other) => {
    const lines = linesOf(other);
    const line = lines[from % lines.length] ?? FEED;
    changeLines(log, file, (mine) => mine.toSpliced(to % (mine.length + 1), removed, line));
  }),
  fc.tuple(place, place, fc.constantFrom(...FORGERIES)).map(
    ([file, at, how]) =>
      (log) =>
        changeLines(log, file, (lines) => lines.map((line, i) => (i === at % lines.length ? forged(line, how) : line))),
  ),
  fc.tuple(place, place).map(
    ([file, at]) =>
      (log) =>
        changeLines(log, file, (lines) =>
          lines.map((line, i) =>
            i === at % lines.length ? Buffer.from(`${line.toString('utf8').slice(0, -1)}#`) : line,
          ),
        ),
  ),
];

const spoilFiles: fc.Arbitrary<Damage>[] = [
  fc.tuple(place, fc.constantFrom('remove', 'empty', 'crlf', 'bom')).map(([file, way]) => (log) => {
    if (way === 'remove') log.delete(nameAt(log, file));
    if (way === 'empty') change(log, file, () => Buffer.alloc(0));
    if (way === 'crlf')
      changeLines(log, file, (lines) => lines.map((line) => Buffer.concat([line, Buffer.from('\r')])));
    if (way === 'bom') change(log, file, (bytes) => Buffer.concat([Buffer.from('\uFEFF'), bytes]));
  }),
  fc.tuple(place, place).map(([one, two]) => (log) => {
    const [first, second] = [nameAt(log, one), nameAt(log, two)];
    const bytes = log.get(first) ?? FEED;
    log.set(first, log.get(second) ?? FEED).set(second, bytes);
  }),
  fc.tuple(place, place, fc.boolean()).map(([file, to, isCopy]) => (log) => {
    const name = nameAt(log, file);
    log.set(`${String(1 + (to % 99)).padStart(12, '0')}.jsonl`, log.get(name) ?? FEED);
    if (!isCopy) log.delete(name);
  }),
  fc.tuple(place, place).map(([file, from]) => (log, other) => {
    log.set(nameAt(log, file), other.get(nameAt(other, from)) ?? FEED);
  }),
];

/** One or two damages to a log, of all kinds. */
export const damages: fc.Arbitrary<Damage[]> = fc.array(fc.oneof(...spoilBytes, ...spoilLines, ...spoilFiles), {
  minLength: 1,
  maxLength: 2,
  size: 'max',
});

import { type Readable, Transform, type Writable } from 'node:stream';
import { overloadOf } from './line-load.ts';

const MAX_LINE = 10 << 20;
const LINE_FEED = 10;

/** The answer to a message that was dropped unread. */
function refusal(most: string, id: string | number | null): string {
  const message = `A message may hold at most ${most}; this one was dropped. Give large data as a file path.`;
  return `${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32600, message } })}\n`;
}

/**
 * Passes the lines of `input` on. A line longer than 10 MB is dropped and answered on `output` with an error: the SDK
 * would close the connection because of such a line. So is one that holds so many fields or values that its parsing would
 * hold up all other calls.
 */
export function guardLines(input: Readable, output: Writable): Readable {
  let held: Buffer[] = [];
  let length = 0;
  let dropping = false;

  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        takePart(chunk.subarray(start, end + 1));
        if (!dropping) pass(Buffer.concat(held));
        held = [];
        length = 0;
        dropping = false;
        start = end + 1;
      }
      takePart(chunk.subarray(start));
      done();
    },
  });

  function pass(line: Buffer): void {
    const overload = overloadOf(line);
    if (overload) output.write(refusal(overload.problem, overload.id));
    else guard.push(line);
  }

  function takePart(part: Buffer): void {
    length += part.length;
    if (dropping) return;
    if (length <= MAX_LINE + 1) {
      if (part.length > 0) held.push(part);
      return;
    }
    dropping = true;
    held = [];
    output.write(refusal('10 MB', null));
  }

  return input.pipe(guard);
}

import { type Readable, Transform, type Writable } from 'node:stream';

const MAX_LINE = 10 << 20;
const LINE_FEED = 10;

const TOO_LONG = `${JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: {
    code: -32600,
    message: 'A message may be at most 10 MB long; this one was dropped. Give large data as a file path.',
  },
})}\n`;

/**
 * Passes the lines of `input` on. A line longer than 10 MB is dropped and answered on `output` with an error: the SDK
 * would close the connection because of such a line.
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
        if (!dropping) this.push(Buffer.concat(held));
        held = [];
        length = 0;
        dropping = false;
        start = end + 1;
      }
      takePart(chunk.subarray(start));
      done();
    },
  });

  function takePart(part: Buffer): void {
    length += part.length;
    if (dropping) return;
    if (length <= MAX_LINE + 1) {
      if (part.length > 0) held.push(part);
      return;
    }
    dropping = true;
    held = [];
    output.write(TOO_LONG);
  }

  return input.pipe(guard);
}

import { describe, expect, it } from 'vitest';
import { recordingOf } from '../../src/voice/recording.ts';
import { type CompressedTone, compressedTone } from '../support/recordings.ts';

const KINDS: [tone: CompressedTone, kind: string, mime: string][] = [
  ['constantMp3', 'mp3', 'audio/mpeg'],
  ['variableMp3', 'mp3', 'audio/mpeg'],
  ['ogg', 'ogg', 'audio/ogg'],
  ['webm', 'webm', 'audio/webm'],
  ['m4a', 'm4a', 'audio/mp4'],
];

/** 128 KB of one piece behind a beginning, over which a parser goes again and again. */
function tangle(start: string, piece: string): Buffer {
  const bytes = Buffer.alloc(1 << 17, Buffer.from(piece, 'latin1'));
  Buffer.from(start, 'latin1').copy(bytes);
  return bytes;
}

describe('a compressed recording', () => {
  it.each(KINDS)('is as long as its own bytes say: %s', async (tone, kind, mime) => {
    const recording = await recordingOf(compressedTone(tone));
    expect(recording).toMatchObject({ kind, mime });
    // An encoder fills its last frame, and puts a little before the first one.
    expect(recording?.seconds).toBeGreaterThanOrEqual(0.6);
    expect(recording?.seconds).toBeLessThan(0.7);
  });

  it('that says its length nowhere counts as long as its size can be', async () => {
    const bytes = compressedTone('liveWebm');
    expect((await recordingOf(bytes))?.seconds).toBe(bytes.length / 1_000);
  });

  it("isn't believed where it says that it is shorter than its size", async () => {
    const m4a = Buffer.concat([compressedTone('m4a'), Buffer.alloc(640_000)]);
    expect((await recordingOf(m4a))?.seconds).toBeGreaterThan(10);
  });

  it.each([
    ['cut in its headers', compressedTone('m4a').subarray(0, 200)],
    ['of marks of frames alone', tangle('\xff\xfb\x90\x00', '\xff')],
    ['of frames that are none', tangle('\xff\xfb\x90\x00', '\xff\xfb\xf0\x00')],
    ['of elements without a length', tangle('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm', '\xa3\x80')],
    ['of headers behind headers', tangle('ID3', 'ID3\x03\0\0\0\0\0\0')],
  ])('is no recording where it is %s, and holds nobody up', async (_what, bytes) => {
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    expect(await recordingOf(bytes)).toBeUndefined();
    clearInterval(others);
    if (bytes.length > 1_000) expect(turns).toBeGreaterThan(0);
  });
});
